import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));

/** Builds projects: the reports are made from declarations. */
export function build(projects: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [tsc, '--build', ...projects], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the packages do not compile');
}
