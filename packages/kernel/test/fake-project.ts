import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder outside the repository with files of its own, packages in `node_modules`, and the contract linked. */
export interface FakeProject {
  readonly folder: string;
  write(path: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

const participant = (define: string, name: string): string => `
export const ${name} = ${define}({
  id: '@fake/models#${name}',
  summary: '${name}.',
  options: z.strictObject({ dim: z.int().min(1).default(64), weights: z.array(z.number()).default([]) }),
  gives: ['predictions', 'parameters'],
  takes: ['predictions', 'parameters'],
  tables: [],
  create: () => { throw new Error('not to be created'); },
});
`;

const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'fake-project', type: 'module', private: true }),
  'node_modules/@fake/models/package.json': JSON.stringify({
    name: '@fake/models',
    version: '3.1.4',
    type: 'module',
    // No CommonJS condition: Node's resolution for ES modules must be the one that is used.
    exports: { import: './index.js' },
    tandem: {
      contract: '^0.1.0',
      plugins: {
        fism: { kind: 'domain-model', summary: 'Fism.' },
        sasrec: { kind: 'domain-model', summary: 'Sasrec.' },
        transformer: { kind: 'language-model', summary: 'Transformer.' },
        ghost: { kind: 'fusion', summary: 'Declared, and not exported.' },
      },
    },
  }),
  'node_modules/@fake/models/index.js': `import { defineDomainModel, defineLanguageModel, z } from '@tandem-rec/contract';
${participant('defineDomainModel', 'fism')}${participant('defineDomainModel', 'sasrec')}${participant('defineLanguageModel', 'transformer')}`,
  'node_modules/other-models/package.json': JSON.stringify({
    name: 'other-models',
    type: 'module',
    exports: './index.js',
    tandem: { contract: '^0.1.0', plugins: { sasrec: { kind: 'domain-model', summary: 'Another sasrec.' } } },
  }),
  'node_modules/other-models/index.js': 'export const sasrec = 3;',
  'node_modules/old-models/package.json': JSON.stringify({
    name: 'old-models',
    tandem: { contract: '^0.0.9', plugins: { ease: { kind: 'domain-model', summary: 'Ease.' } } },
  }),
  'node_modules/broken-manifest/package.json': JSON.stringify({
    name: 'broken-manifest',
    tandem: { contract: '^0.1.0', plugins: { x: { kind: 'domain', summary: 'x' } } },
  }),
  'node_modules/broken-code/package.json': JSON.stringify({
    name: 'broken-code',
    type: 'module',
    exports: './index.js',
    tandem: { contract: '^0.1.0', plugins: { broken: { kind: 'fusion', summary: 'Broken.' } } },
  }),
  'node_modules/broken-code/index.js': "import 'a-package-that-is-not-there';",
  'node_modules/no-plugins/package.json': JSON.stringify({ name: 'no-plugins', type: 'module', exports: './index.js' }),
  'node_modules/no-plugins/index.js': 'export const something = 3;',
  'node_modules/not-json/package.json': '{',
};

export async function fakeProject(): Promise<FakeProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tandem-kernel-')));
  const write = async (path: string, text: string): Promise<string> => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  for (const [path, text] of Object.entries(FILES)) await write(path, text);
  await mkdir(join(folder, 'node_modules/@tandem-rec'), { recursive: true });
  await symlink(
    dirname(fileURLToPath(import.meta.resolve('@tandem-rec/contract/package.json'))),
    join(folder, 'node_modules/@tandem-rec/contract'),
  );
  return { folder, write, remove: () => rm(folder, { recursive: true }) };
}
