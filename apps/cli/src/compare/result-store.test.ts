import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/run-command.ts';
import { ResultStore } from './result-store.ts';
import type { RunResult } from './run-result.ts';

const result: RunResult = {
  format: 1,
  about: { configuration: 'c', run: 'control', seed: 1, regime: 'batch' },
  experts: [],
  curve: { x: 'epoch', experts: {} },
  lessons: [],
  leaks: [],
  cost: { cpuSeconds: 1, seconds: 2, peakMb: 3 },
};

describe('ResultStore', () => {
  it('keeps a finished run, and lets go what it kept meanwhile', async () => {
    const folder = join(temporaryFolder(), 'deep', 'compare');
    const store = new ResultStore(folder);
    expect(await store.read('k')).toBeUndefined();
    mkdirSync(store.runFolder('k'), { recursive: true });
    await store.write('k', result);
    expect(await new ResultStore(folder).read('k')).toEqual(result);
    expect(readdirSync(folder)).toEqual(['k.json']);
    await store.forget('k');
    expect(await store.read('k')).toBeUndefined();
  });

  it('takes half a file, or one of another format, for none', async () => {
    const folder = temporaryFolder();
    const store = new ResultStore(folder);
    writeFileSync(join(folder, 'half.json'), JSON.stringify(result).slice(0, 40));
    writeFileSync(join(folder, 'old.json'), JSON.stringify({ ...result, format: 0 }));
    expect(await store.read('half')).toBeUndefined();
    expect(await store.read('old')).toBeUndefined();
  });

  it('says where it cannot write', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(new ResultStore(file).write('k', result)).rejects.toMatchObject({ code: 'TANDEM_RUN_UNWRITABLE' });
    expect(existsSync(file)).toBe(true);
  });
});
