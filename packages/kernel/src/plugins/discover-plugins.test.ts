import { join } from 'node:path';
import { TandemError, type PluginKind } from '@tandem-rec/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeProject, type FakeProject } from '../../test/fake-project.ts';
import { compose } from '../compose/compose.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Problem } from '../problem.ts';
import { admitsContract } from './contract-range.ts';
import { discoverPlugins, type Installed } from './discover-plugins.ts';
import { loadPlugin, type LoadedPlugin } from './load-plugin.ts';

let project: FakeProject;
let installed: Installed;
beforeAll(async () => {
  project = await fakeProject();
  installed = await discoverPlugins(join(project.folder, 'deep/below'), []);
});
afterAll(() => project.remove());

describe('discoverPlugins', () => {
  it('finds what packages declare, from a folder upward', () => {
    expect(installed.plugins.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      '@fake/models#fism domain-model',
      '@fake/models#ghost fusion',
      '@fake/models#sasrec domain-model',
      '@fake/models#transformer language-model',
      'broken-code#broken fusion',
      'other-models#sasrec domain-model',
    ]);
    expect(installed.plugins[0]).toMatchObject({
      package: '@fake/models',
      export: 'fism',
      summary: 'Fism.',
      version: '3.1.4',
    });
  });

  it('says which packages cannot be used, and why', () => {
    expect(installed.rejected).toMatchObject([
      { package: 'broken-manifest', code: 'TANDEM_PLUGIN_UNREADABLE' },
      { package: 'old-models', code: 'TANDEM_PLUGIN_INCOMPATIBLE', reason: 'it is written for contract ^0.0.9' },
    ]);
    expect(installed.rejected[0]!.reason).toContain('tandem.plugins.x.kind');
  });

  it('sees the package that a folder is in, and other places after the own', async () => {
    const author = await fakeProject();
    await author.write(
      'package.json',
      JSON.stringify({
        name: 'mine',
        tandem: { contract: '0.1', plugins: { own: { kind: 'fusion', summary: 'Own.' } } },
      }),
    );
    const { plugins } = await discoverPlugins(join(author.folder, 'src'), [project.folder]);
    expect(plugins.map(({ id }) => id)).toContain('mine#own');
    expect(plugins.find(({ id }) => id === '@fake/models#fism')!.folder).toBe(
      join(author.folder, 'node_modules/@fake/models'),
    );
    await author.remove();
    const fallback = await discoverPlugins(project.folder.slice(0, 1), [project.folder]);
    expect(fallback.plugins.map(({ id }) => id)).toContain('@fake/models#fism');
  });
});

describe('admitsContract', () => {
  it.each([
    ['^0.1.0', '0.1.0', true],
    ['^0.1.0', '0.1.7', true],
    ['^0.1.3', '0.1.0', false],
    ['^0.1.0', '0.2.0', false],
    ['~0.1', '0.1.4', true],
    ['^1.2.0', '1.9.0', true],
    ['^1.2.0', '2.0.0', false],
    ['^0.1.0 || ^1.0.0', '1.3.0', true],
    ['latest', '0.1.0', false],
  ])('%s and %s: %s', (range, version, admits) => {
    expect(admitsContract(range, version)).toBe(admits);
  });
});

describe('loadPlugin', () => {
  const load = (use: string, kind: PluginKind): Promise<LoadedPlugin> =>
    loadPlugin(use, kind, project.folder, installed);

  it('loads by id, by short name, and from a file', async () => {
    expect((await load('@fake/models#fism', 'domain-model')).definition.id).toBe('@fake/models#fism');
    expect((await load('transformer', 'language-model')).definition.id).toBe('@fake/models#transformer');
    await project.write(
      'plugins/own.ts',
      `import { defineFusion, z } from '@tandem-rec/contract';
export const own = defineFusion({ id: 'own#own', summary: 'Own.', options: z.strictObject({}), create: (): never => { throw new Error('no'); } });
`,
    );
    expect((await load('./plugins/own.ts#own', 'fusion')).definition.id).toBe('own#own');
  });

  it('takes what the folder sees before what comes from elsewhere', async () => {
    const elsewhere = installed.plugins.map((one) => ({
      ...one,
      from: one.id === '@fake/models#sasrec' ? project.folder : '/',
    }));
    const plugin = await loadPlugin('sasrec', 'domain-model', project.folder, { plugins: elsewhere, rejected: [] });
    expect(plugin.definition.id).toBe('@fake/models#sasrec');
  });

  it.each<[string, PluginKind, string, string, string | undefined]>([
    [
      'fsim',
      'domain-model',
      'TANDEM_CONFIG_UNKNOWN_PLUGIN',
      'No installed domain-model is called "fsim".',
      '@fake/models#fism',
    ],
    [
      '@fake/model#fism',
      'domain-model',
      'TANDEM_CONFIG_UNKNOWN_PLUGIN',
      'Package "@fake/model" is not installed.',
      '@fake/models#fism',
    ],
    ['@fake/models#fsim', 'domain-model', 'TANDEM_CONFIG_UNKNOWN_PLUGIN', 'has no plugin called "fsim"', 'fism'],
    ['ghost', 'fusion', 'TANDEM_CONFIG_UNKNOWN_PLUGIN', 'has no plugin called "ghost"', undefined],
    [
      'sasrec',
      'domain-model',
      'TANDEM_CONFIG_UNKNOWN_PLUGIN',
      'Several installed plugins are called "sasrec".',
      undefined,
    ],
    [
      'transformer',
      'domain-model',
      'TANDEM_CONFIG_WRONG_PLUGIN_KIND',
      'is a language-model; a domain-model belongs here',
      undefined,
    ],
    ['@fake/models#transformer', 'domain-model', 'TANDEM_CONFIG_WRONG_PLUGIN_KIND', 'is a language-model', undefined],
    ['old-models#ease', 'domain-model', 'TANDEM_PLUGIN_INCOMPATIBLE', 'written for contract ^0.0.9', undefined],
    ['no-plugins#something', 'fusion', 'TANDEM_CONFIG_UNKNOWN_PLUGIN', 'has no plugin called "something"', undefined],
    [
      'broken-code#broken',
      'fusion',
      'TANDEM_PLUGIN_UNREADABLE',
      "Cannot find package 'a-package-that-is-not-there'",
      undefined,
    ],
    ['./nope.ts#x', 'fusion', 'TANDEM_CONFIG_UNKNOWN_PLUGIN', 'There is no file ./nope.ts.', undefined],
  ])('refuses %s as %s: %s', async (use, kind, code, message, nearest) => {
    const error: unknown = await load(use, kind).catch((reason: unknown) => reason);
    if (!TandemError.is(error)) throw new Error('expected a TandemError', { cause: error });
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.details['nearest']).toBe(nearest);
  });
});

describe('a missing capability', () => {
  it('names installed plugins that could provide it', async () => {
    await project.write(
      'plugins/needy.ts',
      `import { defineDomainModel, defineSharingStrategy, z } from '@tandem-rec/contract';
const create = (): never => { throw new Error('no'); };
export const mute = defineDomainModel({ id: 'own#mute', summary: 'Mute.', options: z.strictObject({}), gives: [], takes: [], create });
export const needy = defineSharingStrategy({
  id: 'own#needy', summary: 'Needy.', options: z.strictObject({}), create,
  needs: { domain: { gives: ['predictions'], takes: [] }, language: { gives: [], takes: ['text'] } },
});
`,
    );
    const config = { domain: './plugins/needy.ts#mute', sharing: './plugins/needy.ts#needy' } as never;
    const error = (await compose(await loadConfig(config, { env: {}, folder: project.folder }), { installed }).catch(
      (reason: unknown) => reason,
    )) as TandemError;
    expect((error.details['problems'] as Problem[]).map(({ allowed }) => allowed)).toEqual([
      '@fake/models#fism, @fake/models#sasrec; or no installed strategy fits these participants',
      'no installed language model takes text: install one; or no installed strategy fits these participants',
    ]);
  });

  it('names installed strategies that the participants can follow as they are', async () => {
    const strategy = (name: string, language: string, grants: string): string => `
export const ${name} = defineSharingStrategy({
  id: 'strategies#${name}', summary: '${name}.', options: z.strictObject({ to: z.string().default('text') }), create, grants: ${grants},
  needs: () => ({ domain: { gives: ['predictions'], takes: [] }, language: { gives: [], takes: [${language}] } }),
});`;
    const names = { deaf: ['', '[]'], listens: ["'predictions'", '[]'], reads: ["'text'", '[]'] } as const;
    const opens = strategy('opens', '', "[{ of: 'domain', table: 'item', access: 'read' }]");
    await project.write(
      'node_modules/strategies/index.js',
      `import { defineSharingStrategy, z } from '@tandem-rec/contract';
const create = () => { throw new Error('no'); };
${Object.entries(names)
  .map(([name, [language, grants]]) => strategy(name, language, grants))
  .join('')}${opens}`,
    );
    await project.write(
      'node_modules/strategies/package.json',
      JSON.stringify({
        name: 'strategies',
        type: 'module',
        exports: './index.js',
        tandem: {
          contract: '^0.1.0',
          plugins: Object.fromEntries(
            [...Object.keys(names), 'opens'].map((name) => [name, { kind: 'sharing-strategy', summary: name }]),
          ),
        },
      }),
    );
    const config = { domain: 'fism', language: 'transformer', sharing: 'strategies#reads' } as never;
    const error = (await compose(await loadConfig(config, { env: {}, folder: project.folder }), {
      installed: await discoverPlugins(project.folder, []),
    }).catch((reason: unknown) => reason)) as TandemError;
    expect((error.details['problems'] as Problem[]).map(({ allowed }) => allowed)).toEqual([
      'no installed language model takes text: install one; or a strategy that fits: strategies#deaf, strategies#listens',
    ]);
  });
});
