import { setTimeout as sleep } from 'node:timers/promises';
import { TandemError, type Composition, type Environment } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { fakeHost } from '../../test/fake-host.ts';
import { fakePlugins, type Behaviour, type Story } from '../../test/fake-plugins.ts';
import { compose } from '../compose/compose.ts';
import { start } from './start.ts';
import { startPart, startSink } from './start-part.ts';

async function make(
  behaviours: Readonly<Record<string, Behaviour>> = {},
  limits = {},
): Promise<{ composition: Composition; story: Story }> {
  const story: Story = [];
  const { fism, transformer, mutual, mix, log, local, movies } = fakePlugins(story, behaviours);
  const composition = await compose({
    domain: fism(),
    language: transformer(),
    sharing: mutual(),
    fusion: [mix(), mix({}, { as: 'mix2' })],
    source: log({ file: 'x' }),
    store: local(),
    dataset: movies(),
    limits,
  });
  return { composition, story };
}

const failureOf = async (work: Promise<unknown>): Promise<TandemError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!TandemError.is(error)) throw new Error('expected a TandemError', { cause: error });
  return error;
};

const never = (): Promise<never> => new Promise(() => undefined);

describe('start', () => {
  it('creates in order and stops in reverse, once', async () => {
    const { composition, story } = await make();
    const assembly = await start(composition, fakeHost());
    const order = ['local', 'movies', 'fism', 'transformer', 'mutual', 'mix', 'mix2', 'log'];
    expect(story).toEqual(order.map((name) => `create ${name}`));
    expect(assembly.tree().map(({ place, name }) => `${place} ${name}`)).toEqual([
      'store local',
      'dataset movies',
      'participants fism',
      'participants transformer',
      'sharing mutual',
      'fusions mix',
      'fusions mix2',
      'source log',
    ]);
    expect([...assembly.rngs.keys()]).toEqual(['fism', 'transformer', 'mutual', 'mix', 'mix2']);
    story.length = 0;
    expect(await assembly.stop()).toEqual([]);
    expect(await assembly.stop()).toEqual([]);
    expect(story).toEqual(order.reverse().map((name) => `close ${name}`));
  });

  it('creates only what is asked for', async () => {
    const { composition, story } = await make();
    const assembly = await start(composition, fakeHost(), ['participants', 'fusions']);
    expect(story).toEqual(['create fism', 'create transformer', 'create mix', 'create mix2']);
    expect(assembly.source).toBeUndefined();
    expect(assembly.participants.get('fism')!.part.role).toBe('domain');
  });

  it('gives each part its own environment', async () => {
    let seen: Environment | undefined;
    const { composition } = await make({ transformer: { create: (env) => void (seen = env) } }, { threads: 2 });
    await start({ ...composition, folder: '/etc/tandem' }, fakeHost());
    expect(seen).toMatchObject({
      name: 'transformer',
      rng: { name: 'transformer' },
      threads: 2,
      cacheFolder: '/cache',
    });
    expect(seen!.resolvePath('data/x')).toBe('/etc/tandem/data/x');
    expect(seen!.signal.aborted).toBe(false);
  });

  it('names the part that takes too long, aborts it, closes it should it come late, and stops the rest', async () => {
    let signal: AbortSignal | undefined;
    const { composition, story } = await make(
      {
        transformer: {
          create: async (env) => {
            signal = env.signal;
            await sleep(200);
          },
        },
      },
      { startMs: 100 },
    );
    const failure = await failureOf(start(composition, fakeHost()));
    expect(failure.code).toBe('TANDEM_START_TIMEOUT');
    expect(failure.message).toBe(
      'The language-model "transformer" (@fake/models#transformer) did not start within 100 ms.',
    );
    expect(signal!.aborted).toBe(true);
    expect(story.slice(-3)).toEqual(['close fism', 'close movies', 'close local']);
    await sleep(150);
    expect(story.at(-1)).toBe('close transformer');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no weights');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no weights'))],
  ])('wraps what a plugin %s', async (_, create) => {
    const { composition } = await make({ fism: { create } });
    const failure = await failureOf(start(composition, fakeHost()));
    expect(failure.code).toBe('TANDEM_START_FAILED');
    expect(failure.message).toBe('The domain-model "fism" (@fake/models#fism) failed in create: no weights');
    expect(failure.details).toEqual({
      name: 'fism',
      kind: 'domain-model',
      plugin: '@fake/models#fism',
      hook: 'create',
    });
    expect(failure.cause).toMatchObject({ message: 'no weights' });
  });

  it('passes coded errors through unchanged', async () => {
    const coded = new TandemError('TANDEM_MODEL_WEIGHTS_MISSING', 'No weights in /models.');
    const { composition } = await make({ fism: { create: () => Promise.reject(coded) } });
    expect(await failureOf(start(composition, fakeHost()))).toBe(coded);
  });

  it('does not wait for a start when the process stops', async () => {
    const control = new AbortController();
    const { composition } = await make({ fism: { create: never } });
    const starting = failureOf(start(composition, fakeHost(control.signal)));
    setTimeout(() => control.abort(), 20);
    expect(await starting).toMatchObject({ code: 'TANDEM_START_FAILED', details: { name: 'fism' } });
  });

  it('stops the rest when one fails to stop or takes too long, and reports both', async () => {
    const { composition, story } = await make(
      { mutual: { close: never }, fism: { close: () => Promise.reject(new Error('disk')) } },
      { stopMs: 100 },
    );
    const host = fakeHost();
    const assembly = await start(composition, host);
    const failures = await assembly.stop();
    expect(failures.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'TANDEM_STOP_TIMEOUT: The sharing-strategy "mutual" (@fake/sharing#mutual) did not stop within 100 ms.',
      'TANDEM_STOP_FAILED: The domain-model "fism" (@fake/models#fism) failed in close: disk',
    ]);
    expect(host.errors).toHaveLength(2);
    expect(story.at(-1)).toBe('close local');
  });
});

describe('startPart and startSink', () => {
  it('start one part, or the writing end of a source', async () => {
    const { composition, story } = await make();
    const source = await startPart(composition.source!, composition, fakeHost());
    const sink = await startSink(composition.source!, composition, fakeHost());
    await sink.instance.append([]);
    expect(await sink.stop()).toBeUndefined();
    expect(await source.stop()).toBeUndefined();
    expect(story).toEqual(['create log', 'create log', 'close log', 'close log']);
  });

  it('refuse a source without a writing end', async () => {
    const { fism, tail } = fakePlugins();
    const composition = await compose({ domain: fism(), source: tail() });
    expect(await failureOf(startSink(composition.source!, composition, fakeHost()))).toMatchObject({
      code: 'TANDEM_SOURCE_READ_ONLY',
      details: { name: 'tail' },
    });
  });
});
