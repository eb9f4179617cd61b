import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION, PLUGIN_KINDS } from '@tandem-rec/contract';
import { discoverPlugins } from '@tandem-rec/kernel';
import { describe, expect, it } from 'vitest';
import { runCommand, temporaryFolder } from '../../test/run-command.ts';
import { createCommand } from './create.ts';

const create = (...args: readonly string[]) => runCommand(createCommand(), ['plugin', ...args]);
const textOf = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

describe('tandem create plugin', () => {
  it.each(PLUGIN_KINDS)('writes a package with a %s that is discovered', async (kind) => {
    const dir = join(temporaryFolder(), 'somewhere', 'new');
    const { out, json } = await create(kind, '@films/slow-burn', '--dir', dir);
    expect(json).toMatchObject({ kind, package: '@films/slow-burn', plugin: 'slowBurn', folder: dir });
    const { files } = json as { readonly files: readonly string[] };
    for (const file of [
      '.gitignore',
      'README.md',
      'package.json',
      'src/index.ts',
      'src/slow-burn.conformance.test.ts',
      'src/slow-burn.ts',
      'tsconfig.json',
    ]) {
      expect(files).toContain(file);
      expect(textOf(dir, file)).not.toMatch(/my-?plugin|USAGE/i);
    }
    expect(files.every((file) => existsSync(join(dir, file)))).toBe(true);
    expect(textOf(dir, 'src/slow-burn.ts')).toContain("id: '@films/slow-burn#slowBurn'");
    expect(textOf(dir, 'src/index.ts')).toBe("export { slowBurn } from './slow-burn.ts';\n");
    expect(out).toContain('npm install && npm test');
    const { plugins } = await discoverPlugins(dir, []);
    expect(plugins).toMatchObject([{ id: '@films/slow-burn#slowBurn', kind, contract: `^${CONTRACT_VERSION}` }]);
  });

  it('pins what this workspace is tested with', () => {
    const root = JSON.parse(textOf(import.meta.dirname, '../../../../package.json')) as {
      devDependencies: Record<string, string>;
    };
    const template = JSON.parse(textOf(import.meta.dirname, '../../templates/common/package.json')) as {
      devDependencies: Record<string, string>;
      dependencies: Record<string, string>;
    };
    for (const name of ['typescript', 'vitest', '@types/node'])
      expect(template.devDependencies[name]).toBe(root.devDependencies[name]);
    expect(template.dependencies['@tandem-rec/contract']).toBe(`^${CONTRACT_VERSION}`);
  });

  it('leaves alone what is there', async () => {
    const dir = join(temporaryFolder(), 'there');
    mkdirSync(dir);
    await expect(create('fusion', 'mine', '--dir', dir)).rejects.toMatchObject({ code: 'TANDEM_CLI_EXISTS' });
    expect(existsSync(join(dir, 'package.json'))).toBe(false);
  });

  it.each(['My-Model', 'my_model', 'a--b', '../evil', '@scope', 'class', 'await', 'x'.repeat(215), ''])(
    'refuses the name "%s"',
    async (name) => {
      const dir = join(temporaryFolder(), 'new');
      await expect(create('domain-model', name, '--dir', dir)).rejects.toMatchObject({ code: 'TANDEM_CLI_USAGE' });
      expect(existsSync(dir)).toBe(false);
    },
  );

  it('refuses a name that the code of the plugin uses already, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    await expect(create('domain-model', 'domain', '--dir', join(folder, 'new'))).rejects.toMatchObject({
      code: 'TANDEM_CLI_USAGE',
      message: expect.stringContaining('"DomainModel"'),
    });
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  it('names the kinds there are', async () => {
    await expect(create('recommender', 'mine')).rejects.toThrow(/Allowed choices are domain-model, language-model/);
  });
});
