// npm run pack -- [--out FOLDER] [--check]
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { checkTarball } from './check-tarball.ts';
import { packWorkspace } from './pack-workspace.ts';
import { root } from './workspace-package.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'dist/packages') },
    check: { type: 'boolean', default: false },
  },
});

try {
  const tarballs = await packWorkspace(values.out);
  console.log(`${tarballs.size} packages in ${relative(process.cwd(), values.out)}`);
  if (values.check) await check(tarballs);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function check(tarballs: ReadonlyMap<string, string>): Promise<void> {
  let wrong = 0;
  for (const [name, tarball] of tarballs) {
    const findings = await checkTarball(tarball);
    wrong += findings.length;
    for (const finding of findings) console.error(`${name}: ${finding}`);
  }
  console.log(wrong === 0 ? 'publint and attw: nothing to complain' : `publint and attw: ${wrong} findings`);
  if (wrong > 0) process.exitCode = 1;
}
