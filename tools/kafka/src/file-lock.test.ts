import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, expect, it } from 'vitest';

import { withFileLock } from './file-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lets one in at a time and leaves nothing behind', async () => {
  const path = join(folder, 'nested', 'lock');
  let inside = 0;
  const most: number[] = [];
  const visit = (): Promise<void> =>
    withFileLock(path, async () => {
      most.push(++inside);
      await sleep(30);
      inside--;
    });

  await Promise.all([visit(), visit(), visit()]);

  expect(most).toEqual([1, 1, 1]);
  expect(existsSync(path)).toBe(false);
});

it('lets go when the work fails', async () => {
  const path = join(folder, 'failing');
  await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withFileLock(path, () => Promise.resolve('next'))).toBe('next');
});

it('takes over from a process that has died', async () => {
  const path = join(folder, 'stale');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(path, String(dead));
  expect(await withFileLock(path, () => Promise.resolve('mine'))).toBe('mine');
});
