import { pathToFileURL } from 'node:url';
import { TandemError, z, type Composition, type PluginUse } from '@tandem-rec/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeProject, type FakeProject } from '../../test/fake-project.ts';
import { loadConfig } from '../config/load-config.ts';
import { jsonSchema } from '../json-schema.ts';
import type { LoadedPlugin } from '../plugins/load-plugin.ts';
import type { Problem } from '../problem.ts';
import { compose } from './compose.ts';

const PLUGINS = `import { defineDomainModel, defineSharingStrategy, pluginUseSchema, secretSchema, z } from '@tandem-rec/contract';
const fields = { summary: 'For tests.', create: () => { throw new Error('not to be created'); } };
const nobody = { gives: [], takes: [] };
const needs = ({ needs = nobody }) => ({ domain: needs, language: nobody });
export const model = defineDomainModel({ id: './plugins.js#model', ...fields, options: z.strictObject({}), gives: ['predictions'], takes: [] });
export const pull = defineSharingStrategy({
  id: './plugins.js#pull', ...fields,
  options: z.strictObject({ strength: z.number().min(0).default(0.02), key: secretSchema.optional(), needs: z.any().optional() }),
  needs,
});
export const medley = defineSharingStrategy({
  id: './plugins.js#medley', ...fields,
  options: z.strictObject({
    strategies: z.array(z.strictObject({ use: pluginUseSchema('sharing-strategy').describe('Which.'), weight: z.number().default(1) })),
    last: pluginUseSchema('sharing-strategy').optional(),
  }),
  needs: ({ strategies }) => needs({ needs: { ...nobody, gives: strategies.flatMap(({ use }) => use.definition.needs(use.options).domain.gives) } }),
});
`;

let project: FakeProject;
beforeAll(async () => {
  project = await fakeProject();
  await project.write('plugins.js', PLUGINS);
});
afterAll(() => project.remove());

const composed = async (name: string, text: string): Promise<Composition> =>
  compose(await loadConfig(await project.write(name, text), { env: {} }));
const problemsOf = async (text: string): Promise<readonly Problem[]> => {
  const error: unknown = await composed('wrong.yaml', text).catch((reason: unknown) => reason);
  expect(TandemError.is(error) && error.code).toBe('TANDEM_CONFIG_INVALID');
  return (error as TandemError).details['problems'] as Problem[];
};

const YAML = `
domain: ./plugins.js#model
sharing:
  use: ./plugins.js#medley
  options:
    strategies:
      - use: ./plugins.js#pull
      - { use: { use: ./plugins.js#pull, as: harder, options: { strength: 3, key: hunter2 } }, weight: 2 }
      - use: { use: ./plugins.js#medley, options: { strategies: [{ use: ./plugins.js#pull }] } }
`;
const TYPESCRIPT = `import { model, medley, pull } from './plugins.js';
export default { domain: model(), sharing: medley({ strategies: [
  { use: pull() },
  { use: pull({ strength: 3, key: 'hunter2' }, { as: 'harder' }), weight: 2 },
  { use: medley({ strategies: [{ use: pull() }] }) },
] }) };
`;

describe('a plugin among the options of another', () => {
  it('is the same by name as by call, at any depth, defaults filled in', async () => {
    const [yaml, code] = [await composed('tandem.yaml', YAML), await composed('tandem.config.ts', TYPESCRIPT)];
    expect(yaml.description).toEqual(code.description);
    expect(yaml.hash).toBe(code.hash);
    const { strategies } = yaml.sharing!.options as {
      readonly strategies: readonly { readonly use: PluginUse; readonly weight: number }[];
    };
    expect(strategies.map(({ use: { id, as, kind, options }, weight }) => ({ id, as, kind, options, weight }))).toEqual(
      [
        { id: './plugins.js#pull', as: undefined, kind: 'sharing-strategy', options: { strength: 0.02 }, weight: 1 },
        {
          id: './plugins.js#pull',
          as: 'harder',
          kind: 'sharing-strategy',
          options: { strength: 3, key: 'hunter2' },
          weight: 2,
        },
        expect.objectContaining({ id: './plugins.js#medley', weight: 1 }),
      ],
    );
  });

  it('keeps its secrets to itself', async () => {
    expect(JSON.stringify((await composed('tandem.yaml', YAML)).description)).not.toContain('hunter2');
  });

  it('says what it needs through the one around it', async () => {
    const needs = '{ gives: [text], takes: [] }';
    const text = `domain: ./plugins.js#model\nsharing: { use: ./plugins.js#medley, options: { strategies: [{ use: { use: ./plugins.js#pull, options: { needs: ${needs} } } }] } }`;
    expect(await problemsOf(text)).toMatchObject([{ code: 'TANDEM_COMPOSE_MISSING_CAPABILITY', path: 'sharing' }]);
  });

  it('is judged with the rest, each mistake once and at its place', async () => {
    const problems = await problemsOf(`domain: ./plugins.js#model
sharing:
  use: ./plugins.js#medley
  options:
    strategies:
      - { use: ./plugins.js#nope }
      - { use: ./plugins.js#model }
      - { use: { use: ./plugins.js#pull, options: { strenght: 1 } }, weight: high }
      - { use: { use: ./plugins.js#medley, options: { strategies: [{ use: { use: ./plugins.js#pull, options: { strength: -1 } } }] } } }
      - { use: 3 }
      - { weight: 2 }
`);
    const at = 'sharing.options.strategies';
    expect(problems.map(({ path, code, line }) => [path, code.replace('TANDEM_CONFIG_', ''), line])).toEqual([
      [`${at}[0].use`, 'UNKNOWN_PLUGIN', 6],
      [`${at}[1].use`, 'WRONG_PLUGIN_KIND', 7],
      [`${at}[2].use.options.strenght`, 'UNKNOWN_OPTION', 8],
      [`${at}[3].use.options.strategies[0].use.options.strength`, 'WRONG_VALUE', 9],
      [`${at}[4].use`, 'WRONG_VALUE', 10],
      [`${at}[2].weight`, 'WRONG_VALUE', 8],
      [`${at}[5].use`, 'WRONG_VALUE', 11],
    ]);
    expect(problems[2]).toMatchObject({ nearest: 'strength', allowed: 'strength, key, needs' });
  });

  it('is described where it may stand', async () => {
    const module = (await import(pathToFileURL(`${project.folder}/plugins.js`).href)) as Record<string, LoadedPlugin>;
    const schema = jsonSchema(Object.values(module));
    const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    const accepts = (strategies: unknown): boolean =>
      validator.safeParse({ domain: 'model', sharing: { use: 'medley', options: { strategies } } }).success;
    expect(
      accepts([{ use: 'pull' }, { use: { use: 'pull', options: { strength: 1 } }, weight: 2 }]),
      'names and options of plugins of the kind',
    ).toBe(true);
    for (const wrong of ['model', 'nope', { use: 'pull', options: { strength: -1 } }, 3])
      expect(accepts([{ use: wrong }]), JSON.stringify(wrong)).toBe(false);
    expect(JSON.stringify(schema)).not.toContain('pluginKind');
  });
});
