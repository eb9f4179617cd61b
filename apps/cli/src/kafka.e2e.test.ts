import { globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Prequential } from '@tandem-rec/evaluation';
import { committedOffsets, kafkaAvailable, startBroker, type Broker } from '@tandem-rec/kafka-tools';
import { dataFolder, modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestCheckpoint } from '../test/newest-checkpoint.ts';
import { temporaryFolder } from '../test/run-command.ts';
import { runTandem, TandemProcess } from '../test/tandem-process.ts';

const kafka = requireOrSkip('kafka', kafkaAvailable());
const data = requireOrSkip('data', 'ml-100k');
const models = requireOrSkip('models', 'all-MiniLM-L6-v2');

/** The whole of MovieLens 100K (ratings ≥ 4) takes minutes; every night it is asked for. */
const NIGHTLY = process.env['TANDEM_NIGHTLY'] === '1';
const FOLDERS = {
  TANDEM_DATA: dirname(dataFolder('ml-100k')),
  ...(models.available && { TANDEM_MODELS: dirname(modelFolder('all-MiniLM-L6-v2')) }),
};
const alice = { username: 'alice', password: 'wonderland' };

const FULL = `
domain: [fism, itemKnn, popularity]
language: transformer
sharing: bridge
fusion: gate`;

/** Cheap and without weights: for what is about records, not about quality. */
const LIGHT = `
domain: [{ use: fism, options: { dim: 16 } }, popularity]
language: { use: transformer, options: { encoder: subwords, dim: 16, hidden: 32, features: 16, buckets: 512 } }
sharing: bridge
fusion: gate
training: { positive: { minValue: 4 }, rank: { share: 0.2 }, checkpoint: { everyEvents: 700 } }`;

interface Summary {
  readonly ending: string;
  readonly events: number;
  readonly items: number;
  readonly records: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  readonly learningSeconds: number;
}

describe.skipIf(!kafka.available || !data.available)('tandem on a real broker', () => {
  let broker: Broker;
  let topics = 0;

  beforeAll(async () => {
    broker = await startBroker({ sasl: alice });
  }, 300_000);
  afterAll(() => broker?.stop());

  /** A topic with MovieLens 100K's ratings from 4 up in order of time, written by `tandem replay`. */
  async function replayed(
    limit?: number,
  ): Promise<{ readonly topic: string; readonly interactions: number; readonly items: number }> {
    const topic = `films-${++topics}`;
    const options = [`brokers=["${broker.bootstrap}"]`, `topic=${topic}`, 'createTopic={}'].flatMap((option) => [
      '--source-option',
      option,
    ]);
    const ended = await runTandem(
      temporaryFolder(),
      [
        'replay',
        'movielens100k',
        '--min-value',
        '4',
        ...(limit ? ['--limit', String(limit)] : []),
        '--to',
        'kafka',
        ...options,
        '--json',
        '-',
      ],
      FOLDERS,
    );
    expect(ended).toMatchObject({ code: 0 });
    return { topic, ...(JSON.parse(ended.out) as { readonly interactions: number; readonly items: number }) };
  }

  function configFile(
    folder: string,
    topic: string,
    composition: string,
    connection = `brokers: ["${broker.bootstrap}"]`,
  ): string {
    const file = join(folder, `${topic}.yaml`);
    writeFileSync(
      file,
      `name: films\nsource: { use: kafka, options: { topic: ${topic}, groupId: ${topic}, ${connection} } }\nstore: { use: local, options: { folder: run-${topic} } }\n${composition}\n`,
    );
    return file;
  }

  const summaryOf = ({
    out,
    ...ended
  }: {
    readonly out: string;
    readonly code: number | null;
    readonly err: string;
  }): Summary => {
    expect(ended).toMatchObject({ code: 0 });
    return JSON.parse(out) as Summary;
  };

  it(
    'learns MovieLens 100K so that each side beats decayed popularity on the stream, and both together beat both',
    async ({ skip }) => {
      skip(!models.available, models.reason);
      const limit = NIGHTLY ? undefined : 10_000;
      const folder = temporaryFolder();
      const { topic, interactions, items } = await replayed(limit);
      const config = configFile(folder, topic, `${FULL}\ntraining: { positive: { minValue: 4 } }`);
      const summary = summaryOf(await runTandem(folder, ['start', config, '--once', '--json', '-'], FOLDERS));
      expect(summary).toMatchObject({
        ending: 'reached',
        events: interactions,
        items,
        records: interactions + items,
        duplicates: 0,
        deadLetters: 0,
      });

      const { states, offsets } = await newestCheckpoint(join(folder, `run-${topic}`));
      expect(offsets).toEqual({ 0: interactions + items });
      expect([...(await committedOffsets(broker.bootstrap, topic, topic))]).toEqual([[0, interactions + items]]);

      const prequential = new Prequential({ cutoff: 10 });
      prequential.load(states['prequential']);
      const { experts } = prequential.summary({ skip: 0.2 });
      const ndcg = Object.fromEntries(Object.entries(experts).map(([name, scores]) => [name, scores.ndcg])) as Record<
        'fism' | 'itemKnn' | 'popularity' | 'transformer' | 'gate',
        number
      >;
      const numbers = Object.entries(ndcg).map(([name, value]) => `${name} ${value.toFixed(4)}`);
      process.stderr.write(
        `NDCG@10 over the last 80 % of ${interactions} events, learned in ${summary.learningSeconds.toFixed(0)} s: ${numbers.join(', ')}\n`,
      );
      expect(ndcg.transformer).toBeGreaterThan(ndcg.popularity);
      expect(ndcg.fism).toBeGreaterThan(ndcg.popularity);
      expect(ndcg.gate).toBeGreaterThan(0.99 * Math.max(ndcg.fism, ndcg.transformer));
    },
    NIGHTLY ? 3_600_000 : 600_000,
  );

  it('goes on after SIGTERM in another process, with nothing lost and nothing twice', async () => {
    const { topic, interactions, items } = await replayed(3000);
    const [once, twice] = [temporaryFolder(), temporaryFolder()];
    const single = summaryOf(
      await runTandem(once, ['start', configFile(once, topic, LIGHT), '--once', '--json', '-'], FOLDERS),
    );
    expect(single).toMatchObject({ events: interactions, items, duplicates: 0 });

    const config = configFile(twice, topic, LIGHT);
    const first = new TandemProcess(twice, ['start', config, '--json', 'first.json'], FOLDERS);
    // The fourth: the first ones are of the items, which come before the events.
    await first.until(() => globSync(join(twice, `run-${topic}`, 'checkpoints', '*4.tandem')).length > 0);
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0, signal: null });
    const before = await newestCheckpoint(join(twice, `run-${topic}`));
    expect(before.states['loop'].values['events']).toBeGreaterThan(0);
    expect(before.states['loop'].values['records']).toBeLessThan(interactions + items);
    expect([...(await committedOffsets(broker.bootstrap, topic, topic))]).toEqual([[0, before.offsets['0']]]);

    const second = summaryOf(await runTandem(twice, ['start', config, '--once', '--json', '-'], FOLDERS));
    const { records, events, duplicates, deadLetters } = single;
    expect(second).toMatchObject({ records, events, items, duplicates, deadLetters });
    const [a, b] = [
      await newestCheckpoint(join(once, `run-${topic}`)),
      await newestCheckpoint(join(twice, `run-${topic}`)),
    ];
    expect(b.offsets).toEqual(a.offsets);
    for (const counted of ['statistics', 'histories', 'catalogue'])
      expect(b.states[counted], counted).toEqual(a.states[counted]);
  });

  it('logs in with a secret from the environment, and shows it nowhere', async () => {
    const folder = temporaryFolder();
    const { topic, interactions } = await replayed(200);
    const config = configFile(
      folder,
      topic,
      LIGHT,
      `brokers: ["${broker.saslBootstrap}"], sasl: { mechanism: plain, username: alice, password: { env: FILMS_PASSWORD } }`,
    );
    const start = (password?: string) =>
      runTandem(folder, ['start', config, '--once', '--json', '-'], {
        ...FOLDERS,
        ...(password && { FILMS_PASSWORD: password }),
      });
    const missing = await start();
    expect(missing).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^TANDEM_CONFIG_MISSING_SECRET: .*FILMS_PASSWORD/m),
    });
    const wrong = await start('looking-glass');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/^TANDEM_SOURCE_AUTHENTICATION: /m) });
    const right = await start(alice.password);
    expect(summaryOf(right)).toMatchObject({ events: interactions });
    for (const { out, err } of [missing, wrong, right])
      for (const secret of ['looking-glass', alice.password]) expect(out + err).not.toContain(secret);
  });
});
