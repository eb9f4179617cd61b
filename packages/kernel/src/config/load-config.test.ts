import { relative } from 'node:path';
import { isPluginUse, TandemError, type TandemConfig } from '@tandem-rec/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeProject, type FakeProject } from '../../test/fake-project.ts';
import { compose } from '../compose/compose.ts';
import type { Problem } from '../problem.ts';
import { loadConfig } from './load-config.ts';

let project: FakeProject;
beforeAll(async () => {
  project = await fakeProject();
});
afterAll(() => project.remove());

const env = {};

async function failureOf(work: Promise<unknown>): Promise<TandemError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!TandemError.is(error)) throw new Error('expected a TandemError', { cause: error });
  return error;
}

/** `file:line:col path code` of each problem, files relative to the project. */
const lines = (error: TandemError): string[] =>
  (error.details['problems'] as Problem[]).map(
    ({ file, line, col, override, path, code }) =>
      `${override ?? `${relative(project.folder, file!)}:${line}:${col}`} ${path} ${code.replace('TANDEM_', '')}`,
  );

describe('a TypeScript configuration', () => {
  it('is imported, with its types and its imports', async () => {
    const file = await project.write(
      'typed/tandem.config.ts',
      `import { defineConfig, type TandemConfig } from '@tandem-rec/contract';
import { fism } from '@fake/models';
const seed: number = 7;
export default defineConfig({ seed, domain: fism({ dim: 8 }) }) satisfies TandemConfig;
`,
    );
    const loaded = await loadConfig(file, { env });
    expect(loaded.folder).toBe(`${project.folder}/typed`);
    expect(isPluginUse((loaded.value as TandemConfig).domain)).toBe(true);
    expect((await loadConfig(`${project.folder}/typed`, { env })).file).toBe(file);
    expect(await compose(loaded)).toMatchObject({ seed: 7, participants: [{ name: 'fism', options: { dim: 8 } }] });
  });

  it.each([
    [
      'a syntax error',
      'ts',
      'const a: number = 1;\nexport default {\n  domain: [1, 2\n};\n',
      ':4:1',
      "Expected ',', got '}'",
    ],
    ['a syntax error in JavaScript', 'js', 'export default {\n  a: 1 b: 2,\n};\n', ':2:8', "Unexpected identifier 'b'"],
    ['syntax that is not erasable', 'ts', '\nenum A { x }\nexport default A;\n', ':2:1', 'enum is not supported'],
    [
      'a package that is not installed',
      'ts',
      "import { z } from 'zod-not-here';\nexport default z;\n",
      ':1:19',
      "Cannot find package 'zod-not-here'",
    ],
    [
      'an export that is not there',
      'ts',
      "\nimport { nope } from '@fake/models';\nexport default nope;\n",
      ':2:10',
      'nope',
    ],
    [
      'an exception',
      'ts',
      'const a: any = undefined;\n\nexport default { name: a.b.c };\n',
      ':3:26',
      "Cannot read properties of undefined (reading 'b')",
    ],
    ['no default export', 'ts', 'export const config = {};\n', '', 'must be the default export'],
  ])('that has %s is refused with its position', async (title, extension, text, position, message) => {
    const file = await project.write(`bad/${title.replaceAll(' ', '-')}.${extension}`, text);
    const failure = await failureOf(loadConfig(file, { env }));
    expect(failure.code).toBe('TANDEM_CONFIG_UNREADABLE');
    expect(failure.message).toContain(`${file}${position}: `);
    expect(failure.message).toContain(message);
    expect(failure.message).not.toMatch(/\n\s+at /);
  });

  it('that is not there is refused, and so is a folder without one', async () => {
    expect((await failureOf(loadConfig(`${project.folder}/nope.ts`, { env }))).code).toBe('TANDEM_CONFIG_NOT_FOUND');
    const failure = await failureOf(loadConfig(`${project.folder}/bad`, { env }));
    expect(failure).toMatchObject({ code: 'TANDEM_CONFIG_NOT_FOUND' });
    expect(failure.message).toContain('tandem.config.yaml');
  });
});

describe('a YAML configuration', () => {
  it('composes to the hash of its TypeScript twin', async () => {
    const yaml = await project.write(
      'twin.yaml',
      `seed: 7
domain:
  - use: '@fake/models#fism'
    options: { dim: 8 }
  - { use: fism, as: wide }
language: transformer
training: { replay: 1 }
`,
    );
    const json = await project.write(
      'twin.json',
      JSON.stringify({
        $schema: './tandem.schema.json',
        seed: 7,
        domain: [
          { use: 'fism', options: { dim: 8 } },
          { use: 'fism', as: 'wide' },
        ],
        language: '@fake/models#transformer',
        training: { replay: 1 },
      }),
    );
    const typescript = await project.write(
      'twin.ts',
      `import { defineConfig } from '@tandem-rec/contract';
import { fism, transformer } from '@fake/models';
export default defineConfig({
  seed: 7, training: { replay: 1 }, language: transformer(), domain: [fism({ dim: 8 }), [fism({}, { as: 'wide' })], false],
});
`,
    );
    const [a, b, c] = await Promise.all(
      [yaml, json, typescript].map(async (file) => compose(await loadConfig(file, { env }))),
    );
    expect(a!.description).toEqual(c!.description);
    expect([b!.hash, c!.hash]).toEqual([a!.hash, a!.hash]);
  });

  it('reports each error with line and column', async () => {
    const file = await project.write(
      'errors.yaml',
      `sed: 3
domain:
  - use: '@fake/models#fsim'
  - use: fism
    options:
      dim: 0
      dmi: 3
language: { use: fism }
shared: &shared { dim: -1 }
fusion:
  - use: nothing-like-it
training:
  batch:
    events: many
`,
    );
    const failure = await failureOf(compose(await loadConfig(file, { env })));
    expect(lines(failure).sort()).toEqual(
      [
        'errors.yaml:1:1 sed CONFIG_UNKNOWN_OPTION',
        'errors.yaml:3:10 domain[0].use CONFIG_UNKNOWN_PLUGIN',
        'errors.yaml:6:12 domain[1].options.dim CONFIG_WRONG_VALUE',
        'errors.yaml:7:7 domain[1].options.dmi CONFIG_UNKNOWN_OPTION',
        'errors.yaml:8:18 language.use CONFIG_WRONG_PLUGIN_KIND',
        'errors.yaml:9:1 shared CONFIG_UNKNOWN_OPTION',
        'errors.yaml:11:10 fusion[0].use CONFIG_UNKNOWN_PLUGIN',
        'errors.yaml:14:13 training.batch.events CONFIG_WRONG_VALUE',
      ].sort(),
    );
    expect(failure.message).toContain(`domain[1].options.dim (${file}:6:12)`);
    expect(failure.message).toContain('Did you mean "fism"?');
  });

  it('finds positions behind anchors, and of what is missing', async () => {
    const file = await project.write(
      'anchors.yaml',
      'domain:\n  - &one { use: fism, options: { dim: 0 } }\n  - *one\nsource:\n  use: 3\n',
    );
    const failure = await failureOf(compose(await loadConfig(file, { env })));
    expect(lines(failure)).toEqual([
      'anchors.yaml:2:39 domain[0].options.dim CONFIG_WRONG_VALUE',
      'anchors.yaml:2:39 domain[1].options.dim CONFIG_WRONG_VALUE',
      'anchors.yaml:5:8 source.use CONFIG_WRONG_VALUE',
    ]);
  });

  it('with syntax errors is refused with the position of each', async () => {
    const file = await project.write('syntax.yaml', 'domain: [a\nseed: 3\nseed: 4\n');
    const failure = await failureOf(loadConfig(file, { env }));
    expect(failure.code).toBe('TANDEM_CONFIG_UNREADABLE');
    expect(failure.message).toMatch(/syntax\.yaml:\d+:\d+: /);
  });

  it.each(['', '- a\n', 'text\n'])('that is no mapping is refused: %j', async (text) => {
    const file = await project.write('no-mapping.yaml', text);
    expect(lines(await failureOf(compose(await loadConfig(file, { env }))))).toEqual([
      'no-mapping.yaml:1:1  CONFIG_WRONG_VALUE',
    ]);
  });
});

describe('overrides', () => {
  const config = { domain: { use: 'fism', options: { dim: 8 } }, training: { replay: 3 } } as unknown as TandemConfig;
  const load = async (given: { env?: Record<string, string>; overrides?: string[] }): Promise<unknown> =>
    (await loadConfig(config, { env: {}, folder: project.folder, ...given })).value;

  it('come from the environment, then from settings, over the file', async () => {
    expect(
      await load({
        env: {
          TANDEM__TRAINING__BATCH__EVENTS: '128',
          TANDEM__TRAINING__REPLAY: '5',
          TANDEM__TRAINING__REPLAY_WINDOW: '10',
          TANDEM_DATA: '/x',
          PATH: '/bin',
        },
        overrides: [
          'training.replay=1',
          'domain.options.dim=16',
          'name=night run',
          'backend=wasm',
          'evaluation.seeds=[1, 2]',
        ],
      }),
    ).toEqual({
      name: 'night run',
      backend: 'wasm',
      domain: { use: 'fism', options: { dim: 16 } },
      training: { replay: 1, replayWindow: 10, batch: { events: 128 } },
      evaluation: { seeds: [1, 2] },
    });
    expect(config).toEqual({ domain: { use: 'fism', options: { dim: 8 } }, training: { replay: 3 } });
  });

  it('reach into lists, uses and names', async () => {
    const { value } = await loadConfig({ domain: ['fism', { use: 'sasrec' }] } as unknown as TandemConfig, {
      env,
      overrides: ['domain[0].options.dim=3', 'domain.1.as=deep'],
    });
    expect(value).toEqual({
      domain: [
        { use: 'fism', options: { dim: 3 } },
        { use: 'sasrec', as: 'deep' },
      ],
    });
    const file = await project.write(
      'use.ts',
      "import { fism } from '@fake/models';\nexport default { domain: fism({ dim: 8 }) };\n",
    );
    expect(await compose(await loadConfig(file, { env, overrides: ['domain.options.dim=9'] }))).toMatchObject({
      participants: [{ options: { dim: 9 } }],
    });
  });

  it('are named where they are wrong', async () => {
    const given = {
      env: { TANDEM__TRAINING__BATCH__EVENTS: 'many' },
      overrides: ['domain.options.dim=-1'],
      folder: project.folder,
    };
    expect(lines(await failureOf(compose(await loadConfig(config, given)))).sort()).toEqual([
      '--set domain.options.dim domain.options.dim CONFIG_WRONG_VALUE',
      'TANDEM__TRAINING__BATCH__EVENTS training.batch.events CONFIG_WRONG_VALUE',
    ]);
  });

  it.each(['training.replay', '=3', 'a..b=3'])('that are malformed are refused: %s', async (setting) => {
    expect((await failureOf(loadConfig(config, { env, overrides: [setting] }))).code).toBe('TANDEM_CLI_USAGE');
  });

  it('do not pollute prototypes', async () => {
    await loadConfig(config, { env, overrides: ['__proto__.polluted=1'] });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
