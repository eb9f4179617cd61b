import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/run-command.ts';
import { lockDemo } from './demo-lock.ts';

it('keeps a second demonstration out although the folder is made anew, until the first one ends', () => {
  const folder = join(temporaryFolder(), '.tandem', 'demo');
  const first = lockDemo(folder);
  mkdirSync(folder);
  rmSync(folder, { recursive: true });
  expect(() => lockDemo(folder)).toThrow(expect.objectContaining({ code: 'TANDEM_RUN_LOCKED' }));
  first.release();
  lockDemo(folder).release();
});
