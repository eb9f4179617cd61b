// npm run api [-- --check]: writes the reports of the published interfaces into docs/api, or fails where they differ.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from './build.ts';
import { report } from './report.ts';

/** What third parties program against; everything else may change without notice. */
const PACKAGES = ['contract', 'testkit'];

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const root = fileURLToPath(new URL('../../../', import.meta.url));
const reports = join(root, 'docs/api');

mkdirSync(reports, { recursive: true });
const temporary = mkdtempSync(join(tmpdir(), 'tandem-api-'));
try {
  build(PACKAGES.map((name) => join(root, 'packages', name, 'tsconfig.lib.json')));
  for (const name of PACKAGES) {
    const same = report({ folder: join(root, 'packages', name), name, reports, temporary, write: !values.check });
    if (same) continue;
    console.error(
      `docs/api/${name}.api.md differs from the interface of packages/${name}: run npm run api, review, commit`,
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
