import { globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Checkpoint } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { eventLog } from '@tandem-rec/source-event-log';
import { systemClock, testEnvironment } from '@tandem-rec/testkit';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { describe, expect, it } from 'vitest';
import { newestCheckpoint } from '../test/newest-checkpoint.ts';
import { temporaryFolder } from '../test/run-command.ts';
import { runTandem, TandemProcess } from '../test/tandem-process.ts';

const BATCH = 64;

const models = requireOrSkip('models', 'all-MiniLM-L6-v2');
const TRANSFORMER = 'dim: 16, hidden: 32, features: 16';

const COMPOSITIONS = [
  {
    name: 'the default, small',
    kills: 6,
    parts: `
domain: [{ use: fism, options: { dim: 16 } }, itemKnn, popularity]
language: { use: transformer, options: { encoder: subwords, buckets: 512, ${TRANSFORMER} } }
sharing: { use: bridge, options: { prior: { minItems: 20, minCount: 5 }, predictions: { to: both, afterEvents: 600 } } }
fusion: gate`,
  },
  {
    name: 'BDLM on rows that take no vectors, with a causal transformer',
    kills: 3,
    parts: `
domain: { use: bpr, options: { dim: 16 } }
language: { use: transformer, options: { encoder: subwords, buckets: 512, pooling: causal, window: 8, userRows: true, ${TRANSFORMER} } }
sharing: { use: mutual, options: { states: { weight: 0 } } }
fusion: mix`,
  },
  {
    name: 'a pretrained sentence encoder',
    kills: 3,
    weights: true,
    parts: `
domain: { use: fism, options: { dim: 16 } }
language: { use: transformer, options: { encoder: minilm, ${TRANSFORMER} } }
sharing: { use: bridge, options: { prior: { minItems: 20, minCount: 5 } } }
fusion: gate`,
  },
];

function configFile(folder: string, run: string, parts: string): string {
  const file = join(folder, `${run}.yaml`);
  writeFileSync(
    file,
    `name: crash
seed: 5
dataset: { use: syntheticWorld, options: { users: 150, items: 200, events: 3500 } }
source: { use: eventLog, options: { file: events.sqlite } }
store: { use: local, options: { folder: ${run} } }
training:
  batch: { events: ${BATCH}, timeoutMs: 4000 }
  checkpoint: { everyEvents: 640, everySeconds: 1000 }
${parts}`,
  );
  return file;
}

/**
 * The world, and bad records up to a whole number of batches, so that none closes by its timeout: where time decides, two
 * runs need not be alike.
 */
async function fillLog(
  folder: string,
  config: string,
): Promise<{ readonly events: number; readonly items: number; readonly bad: number }> {
  const replay = await runTandem(folder, ['replay', 'config', '--to', 'config', '--config', config, '--json', '-']);
  expect(replay.code, replay.err).toBe(0);
  const { interactions: events, items } = JSON.parse(replay.out) as {
    readonly interactions: number;
    readonly items: number;
  };
  const bad = BATCH - ((events + items) % BATCH);
  const sink = await eventLog.definition.createSink!(
    eventLog.definition.options.parse({ file: 'events.sqlite' }),
    testEnvironment({ folder, clock: systemClock }),
  );
  await sink.append(Array.from({ length: bad }, (_, k) => ({ key: 'u', value: `{"user": ${k}` })));
  await sink.close();
  return { events, items, bad };
}

/** Everything of a checkpoint that must be the same: what differs is when it was written and how many came before it. */
function comparable({ states, offsets, journalSequence, composition }: Checkpoint): unknown {
  const bytes = Object.fromEntries(
    Object.entries(states).map(([component, { version, values, arrays }]) => [
      component,
      {
        version,
        values,
        arrays: arrays.map(({ name, shape, owner, data }) => ({
          name,
          shape,
          owner,
          dtype: data.constructor.name,
          bits: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
        })),
      },
    ]),
  );
  return { bytes, offsets, journalSequence, hash: composition.hash };
}

describe.each(COMPOSITIONS)('a run of $name that is killed', ({ parts, kills, weights = false }) => {
  it.skipIf(weights && !models.available)('ends in the same bits as one that is not', async () => {
    const folder = temporaryFolder();
    // Texts are encoded once for all runs.
    const env = {
      TANDEM_CACHE: join(folder, 'cache'),
      ...(weights && { TANDEM_MODELS: dirname(modelFolder('all-MiniLM-L6-v2')) }),
    };
    const whole = configFile(folder, 'whole', parts);
    const { events: sent, items, bad } = await fillLog(folder, whole);
    const uninterrupted = await runTandem(folder, ['start', whole, '--once', '--json', '-'], env);
    expect(uninterrupted.code, uninterrupted.err).toBe(0);
    expect(JSON.parse(uninterrupted.out)).toMatchObject({
      events: sent,
      items,
      bad,
      deadLetters: bad,
      replayedBatches: 0,
    });

    const killed = configFile(folder, 'killed', parts);
    const run = join(folder, 'killed');
    const rng = new SeededRng(3, 'crashes');
    const half = (): boolean => globSync(join(run, 'checkpoints', '*.tmp')).length > 0;
    let duringCheckpoint = 0;
    for (let kill = 0; kill < kills; kill++) {
      const tandem = new TandemProcess(folder, ['start', killed, '--once'], env);
      if (kill % 2 === 1) {
        await tandem.until(half);
        if (half()) duringCheckpoint++;
      } else {
        await tandem.until(() => tandem.err.includes('is learning'));
        await new Promise((resolve) => setTimeout(resolve, rng.int(1200)));
      }
      tandem.kill('SIGKILL');
      const { signal, code } = await tandem.ended;
      // It may have come to its end before it was killed.
      if (code === 0) break;
      expect(signal).toBe('SIGKILL');
    }
    const last = await runTandem(folder, ['start', killed, '--once', '--json', '-'], env);
    expect(last.code, last.err).toBe(0);
    const summary = JSON.parse(last.out) as Readonly<Record<string, number>>;
    process.stderr.write(
      `${duringCheckpoint} of ${kills} kills met a checkpoint half written; the last start repeated ${summary['replayedBatches']} batches.\n`,
    );
    expect(summary).toMatchObject({ events: sent, items, bad, deadLetters: bad });
    const [a, b] = [await newestCheckpoint(join(folder, 'whole')), await newestCheckpoint(run)];
    expect(a.journalSequence).toBe((sent + items + bad) / BATCH);
    for (const component of Object.keys(a.states)) {
      const only = (checkpoint: Checkpoint): unknown =>
        comparable({ ...checkpoint, states: { [component]: checkpoint.states[component] } });
      expect(only(b), component).toEqual(only(a));
    }
    expect(Object.keys(b.states)).toEqual(Object.keys(a.states));
  });
});
