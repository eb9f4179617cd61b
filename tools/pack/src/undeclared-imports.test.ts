import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { packagesIn, undeclaredImports } from './undeclared-imports.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-undeclared-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('packagesIn', () => {
  it.each([
    ["import { a } from '@scope/name/deep/file';", ['@scope/name']],
    ["export * from 'plain/deep';", ['plain']],
    ["const x = await import('late');", ['late']],
    ["declare const o: import('typed').Z<string>;", ['typed']],
    ["import fs from 'node:fs'; import p from 'path'; import r from './r.js';", []],
    ["// import 'comment'\nconst text = \"import 'string'\";", []],
  ])('%s', (text, packages) => {
    expect(packagesIn(text)).toEqual(packages);
  });
});

describe('undeclaredImports', () => {
  it('names what neither kind of dependency declares, once', () => {
    mkdirSync(join(folder, 'dist/deep'), { recursive: true });
    writeFileSync(
      join(folder, 'dist/index.js'),
      "import 'zod'; import 'left-pad'; import '@scope/self'; import 'peer/x';",
    );
    writeFileSync(join(folder, 'dist/deep/types.d.ts'), "export declare const o: import('left-pad').Pad;");
    const manifest = { name: '@scope/self', dependencies: { zod: '4' }, peerDependencies: { peer: '1' } };
    expect(undeclaredImports(folder, manifest)).toEqual(['left-pad']);
  });
});
