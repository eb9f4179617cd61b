import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { eventLog } from '@tandem-rec/source-event-log';
import { systemClock, testEnvironment } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { newestCheckpoint } from '../test/newest-checkpoint.ts';
import { temporaryFolder } from '../test/run-command.ts';
import { runTandem, TandemProcess } from '../test/tandem-process.ts';

const BATCH = 64;

const CONFIG = `
name: crash
seed: 5
dataset: { use: syntheticWorld, options: { users: 150, items: 200, events: 3500 } }
source: { use: eventLog, options: { file: events.sqlite } }
domain: [{ use: fism, options: { dim: 16 } }, itemKnn, popularity]
language: { use: transformer, options: { encoder: subwords, dim: 16, hidden: 32, features: 16, buckets: 512 } }
sharing: { use: bridge, options: { prior: { minItems: 20, minCount: 5 }, predictions: { to: both, afterEvents: 600 } } }
fusion: gate
store: { use: local, options: { folder: RUN } }
training:
  batch: { events: ${BATCH}, timeoutMs: 4000 }
  checkpoint: { everyEvents: 640, everySeconds: 1000 }
`;

function configFile(folder: string, run: string): string {
  const file = join(folder, `${run}.yaml`);
  writeFileSync(file, CONFIG.replace('RUN', run));
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
  expect(replay).toMatchObject({ code: 0 });
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

const written = (folder: string, pattern: RegExp): number =>
  existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)).length : 0;

describe('a run that is killed', () => {
  it('ends in the same bits as one that is not', async () => {
    const folder = temporaryFolder();
    const whole = configFile(folder, 'whole');
    const { events: sent, items, bad } = await fillLog(folder, whole);
    const uninterrupted = await runTandem(folder, ['start', whole, '--once', '--json', '-']);
    expect(uninterrupted).toMatchObject({ code: 0 });
    expect(JSON.parse(uninterrupted.out)).toMatchObject({
      events: sent,
      items,
      bad,
      deadLetters: bad,
      replayedBatches: 0,
    });

    const killed = configFile(folder, 'killed');
    const run = join(folder, 'killed');
    const checkpoints = join(run, 'checkpoints');
    const rng = new SeededRng(Number(process.env['TANDEM_CRASH_SEED'] ?? 3), 'crashes');
    /** How far the run is, as its folder tells: entries in the journal since the newest checkpoint, and checkpoints. */
    const half = (): boolean => written(checkpoints, /\.tmp$/) > 0;
    const began = (): boolean => written(join(run, 'journal'), /./) > 0;
    let duringCheckpoint = 0;
    for (let kill = 0; kill < 6; kill++) {
      const tandem = new TandemProcess(folder, ['start', killed, '--once']);
      if (kill % 2 === 1) {
        await tandem.until(half);
        if (half()) duringCheckpoint++;
      } else {
        const after = written(checkpoints, /\.tandem$/);
        await tandem.until(() => began() && (kill === 0 || written(checkpoints, /\.tandem$/) >= after));
        await new Promise((resolve) => setTimeout(resolve, 200 + rng.int(1500)));
      }
      tandem.kill('SIGKILL');
      const { signal, code } = await tandem.ended;
      // It may have come to its end before it was killed.
      if (code === 0) break;
      expect(signal).toBe('SIGKILL');
    }
    const last = await runTandem(folder, ['start', killed, '--once', '--json', '-']);
    expect(last).toMatchObject({ code: 0 });
    const summary = JSON.parse(last.out) as Readonly<Record<string, number>>;
    process.stderr.write(
      `${duringCheckpoint} of the kills met a checkpoint half written; the last start repeated ${summary['replayedBatches']} batches.\n`,
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
