import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Composition } from '@tandem-rec/contract';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/run-command.ts';
import { codeVersion } from './code-version.ts';

function project() {
  const folder = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const manifest = (name: string, more: object = {}): string => JSON.stringify({ name, version: '1.0.0', ...more });
  write('packages/mine/package.json', manifest('mine', { dependencies: { helper: '*', installed: '*' } }));
  write('packages/mine/src/model.ts', '1');
  write('packages/mine/src/model.test.ts', '1');
  write('packages/helper/package.json', manifest('helper'));
  write('packages/helper/src/help.ts', '1');
  write('node_modules/installed/package.json', manifest('installed'));
  write('node_modules/installed/index.js', '1');
  for (const name of ['mine', 'helper'])
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules', name));
  write('work/beside.ts', '1');
  const version = (id: string): Promise<string> =>
    codeVersion({ folder: join(folder, 'work'), participants: [{ id }], fusions: [] } as unknown as Composition);
  return { write, manifest, version };
}

it('follows the sources of linked packages, and of those they need, and versions of installed ones', async () => {
  const { write, manifest, version } = project();
  const seen = [await version('mine#model')];
  write('packages/mine/src/model.test.ts', '2');
  write('work/beside.ts', '2');
  write('node_modules/installed/index.js', '2');
  expect(await version('mine#model')).toBe(seen[0]);
  write('packages/mine/src/model.ts', '2');
  seen.push(await version('mine#model'));
  write('packages/helper/src/help.ts', '2');
  seen.push(await version('mine#model'));
  write('node_modules/installed/package.json', manifest('installed', { version: '1.0.1' }));
  seen.push(await version('mine#model'));
  expect(new Set(seen).size).toBe(4);
});

it('follows the files beside the configuration where a plugin is from nowhere else', async () => {
  const { write, version } = project();
  const before = await version('of-my-own#model');
  write('work/beside.ts', '2');
  expect(await version('of-my-own#model')).not.toBe(before);
});
