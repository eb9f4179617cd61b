import { TandemError, type TandemConfig } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { fakePlugins } from '../../test/fake-plugins.ts';
import type { Problem } from '../problem.ts';
import { composePart } from './compose-part.ts';
import { compose } from './compose.ts';

const { fism, transformer, mutual, mix, log, local, movies } = fakePlugins();
const nothingInstalled = { installed: { plugins: [], rejected: [] } };

async function problemsOf(config: unknown): Promise<readonly Problem[]> {
  const error: unknown = await compose(config as TandemConfig, nothingInstalled).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(TandemError.is(error) && error.code).toBe('TANDEM_CONFIG_INVALID');
  return (error as TandemError).details['problems'] as Problem[];
}

describe('compose', () => {
  it('fills in defaults and keeps the order, domain models first', async () => {
    const composition = await compose({
      domain: [false, [fism(), null, fism({ dim: 8 }, { as: 'small' })]],
      language: transformer(),
      sharing: mutual(),
      fusion: mix(),
    });
    expect(composition.participants.map(({ name, role, tables }) => [name, role, tables[0]!.dim])).toEqual([
      ['fism', 'domain', 64],
      ['small', 'domain', 8],
      ['transformer', 'language', 64],
    ]);
    expect(composition).toMatchObject({
      seed: 42,
      training: { replay: 2, batch: { events: 64 } },
      evaluation: { cutoff: 10 },
      limits: { threads: 1 },
    });
    expect(composition.grants).toEqual([{ of: 'domain', table: 'item', access: 'read' }]);
    expect(composition.participants[0]!.options).toMatchObject({ dim: 64, regularisation: { l2: 0 } });
    expect(Object.isFrozen(composition)).toBe(true);
  });

  it('reports all errors at once', async () => {
    const problems = await problemsOf({
      sed: 3,
      domain: fism({ dmi: 3, regularisation: { l2: -1 } } as never),
      language: [transformer({ dim: 0, loss: 'sofmax' } as never), fism()],
      training: { batch: { event: 3 }, replay: 'often' },
      backend: 'wsam',
    });
    expect(problems.map(({ code, path, nearest, allowed }) => ({ code, path, nearest, allowed }))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'TANDEM_CONFIG_UNKNOWN_OPTION', path: 'sed', nearest: 'seed' }),
        expect.objectContaining({
          code: 'TANDEM_CONFIG_UNKNOWN_OPTION',
          path: 'domain.options.dmi',
          nearest: 'dim',
          allowed: 'dim, loss, gives, takes, tables, regularisation',
        }),
        expect.objectContaining({
          code: 'TANDEM_CONFIG_WRONG_VALUE',
          path: 'domain.options.regularisation.l2',
          allowed: 'a number ≥ 0',
        }),
        expect.objectContaining({
          code: 'TANDEM_CONFIG_WRONG_VALUE',
          path: 'language[0].options.dim',
          allowed: 'an integer ≥ 1 and ≤ 512',
        }),
        expect.objectContaining({
          code: 'TANDEM_CONFIG_WRONG_VALUE',
          path: 'language[0].options.loss',
          nearest: 'softmax',
          allowed: '"softmax" or "bpr"',
        }),
        expect.objectContaining({ code: 'TANDEM_CONFIG_WRONG_PLUGIN_KIND', path: 'language[1]' }),
        expect.objectContaining({
          code: 'TANDEM_CONFIG_UNKNOWN_OPTION',
          path: 'training.batch.event',
          nearest: 'events',
        }),
        expect.objectContaining({ code: 'TANDEM_CONFIG_WRONG_VALUE', path: 'training.replay' }),
        expect.objectContaining({ code: 'TANDEM_CONFIG_WRONG_VALUE', path: 'backend', nearest: 'wasm' }),
      ]),
    );
    expect(problems).toHaveLength(9);
  });

  it('says it in a report for people, without a stack', async () => {
    const failure = await compose({ domain: fism({ dmi: 3 } as never) }).catch((error: unknown) => error as Error);
    expect((failure as Error).message).toBe(
      [
        'The configuration has an error:',
        '  domain.options.dmi',
        '    Unknown option "dmi" of @fake/models#fism.',
        '    Did you mean "dim"? Allowed: dim, loss, gives, takes, tables, regularisation.',
        '    TANDEM_CONFIG_UNKNOWN_OPTION',
      ].join('\n'),
    );
  });

  it.each([
    ['no domain model', { domain: [false] }, 'TANDEM_CONFIG_WRONG_VALUE', 'domain'],
    ['a factory that was not called', { domain: fism }, 'TANDEM_CONFIG_WRONG_VALUE', 'domain'],
    ['a number', { domain: 3 }, 'TANDEM_CONFIG_WRONG_VALUE', 'domain'],
    ['not a mapping', 'x: 3', 'TANDEM_CONFIG_NOT_FOUND', ''],
    ['two of one name', { domain: [fism(), fism({ dim: 3 })] }, 'TANDEM_COMPOSE_DUPLICATE_NAME', 'domain[1]'],
    ['a reserved name', { domain: fism({}, { as: 'tables' }) }, 'TANDEM_CONFIG_WRONG_VALUE', 'domain.as'],
    ['a name that is a path', { domain: fism({}, { as: 'a/b' }) }, 'TANDEM_CONFIG_WRONG_VALUE', 'domain.as'],
    ['another contract', { domain: { ...fism(), contract: '7.0.0' } }, 'TANDEM_PLUGIN_INCOMPATIBLE', 'domain'],
    ['an unknown plugin', { domain: 'nope' }, 'TANDEM_CONFIG_UNKNOWN_PLUGIN', 'domain'],
    ['a package that is not there', { domain: { use: '@nope/nope#x' } }, 'TANDEM_CONFIG_UNKNOWN_PLUGIN', 'domain.use'],
  ])('refuses %s', async (_, config, code, path) => {
    if (code === 'TANDEM_CONFIG_NOT_FOUND') {
      await expect(compose(config as never)).rejects.toMatchObject({ code });
      return;
    }
    expect(await problemsOf(config)).toMatchObject([{ code, path }]);
  });

  it('names both ends of a missing capability, and the tables there are', async () => {
    const problems = await problemsOf({
      domain: fism({ gives: [], tables: ['items'] }),
      language: transformer({ takes: ['text'] }),
      sharing: mutual(),
    });
    expect(problems.map(({ code, message, nearest }) => ({ code, message, nearest }))).toEqual([
      {
        code: 'TANDEM_COMPOSE_MISSING_CAPABILITY',
        message:
          'Strategy "mutual" (@fake/sharing#mutual) needs a domain model that gives predictions; "fism" (@fake/models#fism) gives nothing.',
      },
      {
        code: 'TANDEM_COMPOSE_MISSING_CAPABILITY',
        message:
          'Strategy "mutual" (@fake/sharing#mutual) needs a language model that takes parameters; "transformer" (@fake/models#transformer) takes text.',
      },
      {
        code: 'TANDEM_COMPOSE_MISSING_TABLE',
        message:
          'Strategy "mutual" (@fake/sharing#mutual) opens the table "item" of the domain models; "fism" (@fake/models#fism) brings items.',
        nearest: 'items',
      },
    ]);
  });

  it('asks for a language model where the strategy needs one', async () => {
    const [first, ...others] = await problemsOf({ domain: fism(), sharing: mutual() });
    expect(first).toMatchObject({ code: 'TANDEM_COMPOSE_MISSING_CAPABILITY', path: 'sharing' });
    expect(first!.message).toContain('there is no language model');
    expect(others).toHaveLength(1);
  });

  it('is content when one of several participants meets a need', async () => {
    const composition = await compose({
      domain: [fism({ gives: [], takes: [], tables: [] }, { as: 'knn' }), fism()],
      language: transformer(),
      sharing: mutual(),
    });
    expect(composition.participants).toHaveLength(3);
  });

  it('does not complain of missing capabilities where a participant could not be read', async () => {
    expect(await problemsOf({ domain: fism({ dim: -1 }), language: transformer(), sharing: mutual() })).toHaveLength(1);
  });

  it('holds the exchanges to compare, their options checked where they stand', async () => {
    const { comparison, hash } = await compose({
      domain: fism(),
      comparison: { strategies: [mutual(), mutual({}, { as: 'again' })] },
    });
    expect(comparison.strategies.map(({ id, as }) => [id, as])).toEqual([
      ['@fake/sharing#mutual', undefined],
      ['@fake/sharing#mutual', 'again'],
    ]);
    expect(hash).toBe((await compose({ domain: fism() })).hash);
    expect(
      await problemsOf({ domain: fism(), comparison: { strategies: [mutual({ weight: 'x' } as never), fism()] } }),
    ).toMatchObject([
      { path: 'comparison.strategies[0].options.weight' },
      { code: 'TANDEM_CONFIG_WRONG_PLUGIN_KIND', path: 'comparison.strategies[1]' },
    ]);
  });

  it('lets one reader be dataset and catalogue', async () => {
    const { dataset, catalogue } = await compose({ domain: fism(), dataset: movies(), catalogue: movies() });
    expect([catalogue!.name, dataset!.name]).toEqual(['movies', 'dataset:movies']);
  });
});

describe('hash', () => {
  const base = {
    domain: fism(),
    language: transformer(),
    sharing: mutual(),
    catalogue: movies(),
  } satisfies TandemConfig;
  const hashOf = async (config: TandemConfig): Promise<string> => (await compose(config)).hash;

  it('stays where nothing that a checkpoint depends on changes', async () => {
    const hash = await hashOf(base);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(
      await hashOf({
        ...base,
        domain: [fism({ dim: 64 })],
        seed: 42,
        name: 'other',
        training: { replay: 2, checkpoint: { everyEvents: 7 } },
      }),
    ).toBe(hash);
    expect(
      await hashOf({
        ...base,
        source: log({ file: 'x' }),
        store: local(),
        limits: { startMs: 500 },
        evaluation: { cutoff: 20 },
      }),
    ).toBe(hash);
  });

  it.each([
    ['seed', { seed: 43 }],
    ['options', { domain: fism({ dim: 32 }) }],
    ['strategy', { sharing: undefined }],
    ['replay', { training: { replay: 1 } }],
    ['catalogue', { catalogue: movies({ folder: 'other' }) }],
  ])('changes with %s', async (_, change) => {
    expect(await hashOf({ ...base, ...change })).not.toBe(await hashOf(base));
  });
});

describe('composePart', () => {
  it('validates one plugin outside a composition and leaves secret references in place', async () => {
    const part = await composePart('interaction-source', log({ file: 'x', password: { env: 'PASSWORD' } }), '/');
    expect(part).toMatchObject({
      kind: 'interaction-source',
      name: 'log',
      options: { file: 'x', password: { env: 'PASSWORD' } },
    });
    await expect(composePart('interaction-source', log({} as never), '/')).rejects.toMatchObject({
      details: { problems: [{ path: 'options.file' }] },
    });
  });

  it('never shows a secret, not even a wrong one', async () => {
    const failure = (await composePart(
      'interaction-source',
      log({ file: 3, password: { env: 'A', value: 'hunter2' } } as never),
      '/',
    ).catch((error: unknown) => error)) as TandemError;
    expect(failure.code).toBe('TANDEM_CONFIG_INVALID');
    expect(failure.message).toContain('options.password');
    expect(failure.message + JSON.stringify(failure.details)).not.toContain('hunter2');
  });
});
