import type { Clock, Participant, SharingStrategy, SourceRecord } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { CheapParticipant, ITEM_TABLE, seatOf } from '../test/cheap-participant.ts';
import { cheapTable, type TableChanges } from '../test/cheap-table.ts';
import { KeptLog } from '../test/kept-log.ts';
import { CoTrainer } from './co-trainer.ts';

const NOW_MS = Date.UTC(2024, 5, 1);

type Call = 'learn' | 'predict';
/** What befalls the language side in a batch: a call that fails, answers NaN or is not answered. */
type Mishap = { readonly call: Call; readonly how: 'throws' | 'is NaN' | 'is silent' };

/** Time stands still but for `pass`. */
class HeldClock implements Clock {
  #ms = 0;
  readonly #sleepers = new Map<() => void, number>();

  nowMs = (): number => this.#ms;
  monotonicMs = (): number => this.#ms;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.set(resolve, this.#ms + ms);
      signal?.addEventListener('abort', () => (this.#sleepers.delete(resolve), reject(new Error('aborted'))));
    });
  }

  pass(ms: number): void {
    this.#ms += ms;
    for (const [wake, at] of this.#sleepers) if (at <= this.#ms) wake();
  }
}

/** Two sides, of which the language side meets with mishaps. */
async function stage(changes: TableChanges = {}) {
  const told: string[] = [];
  const log = new KeptLog();
  const clock = new HeldClock();
  let mishap: Mishap | undefined;
  let answer: (() => void) | undefined;
  const names = ['rows', 'words'] as const;
  const lessonsHeard = { rows: 0, words: 0 };
  const asked = (name: (typeof names)[number], inner: CheapParticipant): Participant => {
    const act = async <T>(call: Call, right: () => Promise<T>, wrong: T): Promise<T> => {
      told.push(`${name} ${call}`);
      if (name === 'rows' || mishap?.call !== call) return right();
      if (mishap.how === 'throws') throw new Error('the cable is cut');
      if (mishap.how === 'is NaN') return wrong;
      await new Promise<void>((resolve) => (answer = resolve));
      return right();
    };
    return {
      attach: (attachment) => inner.attach(attachment),
      predict: (users, items) => act('predict', () => inner.predict(users, items), new Float32Array(99).fill(NaN)),
      learn: (batch, lessons) => {
        lessonsHeard[name] += lessons.length;
        return act('learn', () => inner.learn(batch, lessons), { losses: {}, rowGradients: [] });
      },
      save: () => inner.save(),
      load: (state) => inner.load(state),
    };
  };
  const table = cheapTable({
    seats: (rng) => [
      seatOf('rows', 'domain', asked('rows', new CheapParticipant(rng('rows'))), { tables: [ITEM_TABLE] }),
      seatOf('words', 'language', asked('words', new CheapParticipant(rng('words')))),
    ],
    training: { replay: 0 },
    ...changes,
  });
  const trainer = new CoTrainer(table, () => 0, { log, clock, callMs: 1000 });
  await trainer.begin();
  let events = 0;
  return {
    trainer,
    told,
    log,
    clock,
    lessonsHeard,
    answer: () => answer?.(),
    /** One batch, in which this may happen; answers who learned. */
    batch: async (happens?: Mishap): Promise<string[]> => {
      mishap = happens;
      told.length = 0;
      const value = JSON.stringify({ user: `u${events % 3}`, item: `i${events++}`, at: NOW_MS - 1000 });
      const records: SourceRecord[] = [{ partition: 0, offset: events, value }];
      const processed = trainer.process(records, NOW_MS, new Set());
      if (happens?.how === 'is silent')
        for (let k = 0; k < 20; k++) {
          await new Promise((resolve) => setImmediate(resolve));
          clock.pass(100);
        }
      await processed;
      return Object.keys(trainer.losses);
    },
  };
}

const BOTH = ['rows', 'words'];

describe('a side that fails', () => {
  it.each([
    { call: 'learn', how: 'throws' },
    { call: 'predict', how: 'throws' },
    { call: 'predict', how: 'is NaN' },
  ] as const)('in $call, which $how, is left out; the other goes on, and it comes back', async (mishap) => {
    const { trainer, batch, log, lessonsHeard } = await stage();
    expect(await batch()).toEqual(BOTH);
    const heard = lessonsHeard.rows;
    expect(heard).toBeGreaterThan(0);
    expect(await batch(mishap)).toEqual(['rows']);
    if (mishap.call === 'predict') expect(lessonsHeard.rows, 'the lessons stop').toBe(heard);
    expect(await batch()).toEqual(BOTH);
    expect(lessonsHeard.rows, 'and resume').toBeGreaterThan(heard);
    await batch();
    expect(trainer.faults).toEqual({ [`words: ${mishap.call} fails`]: 1 });
    expect(log.lines).toEqual([
      `warn: words fails to ${mishap.call} and is left out; the others go on.`,
      'info: words is back.',
    ]);
    expect(log.facts[0]['reason']).toBe(mishap.how === 'throws' ? 'the cable is cut' : 'its scores are not numbers');
  });

  it('is asked again after longer and longer pauses, and counted without a word in the log', async () => {
    const { trainer, batch, told, log } = await stage();
    const tried: number[] = [];
    for (let k = 0; k < 20; k++) {
      expect(await batch({ call: 'learn', how: 'throws' })).toEqual(['rows']);
      if (told.includes('words learn')) tried.push(k);
    }
    expect(tried).toEqual([0, 1, 3, 7, 15]);
    expect(trainer.faults).toEqual({ 'words: learn fails': 5 });
    expect(log.lines).toHaveLength(1);
    let last: string[] = [];
    for (let k = 0; k < 16; k++) last = await batch();
    expect(last).toEqual(BOTH);
  });

  it('leaves no rank behind where it could not predict, and teaches no fusion', async () => {
    const { trainer, batch } = await stage();
    for (let k = 0; k < 4; k++) await batch();
    await batch({ call: 'predict', how: 'throws' });
    const { rows, words, sum } = trainer.prequential.summary().experts;
    expect([rows.events, words.events, sum.events]).toEqual([5, 4, 5]);
    const { values } = (await trainer.save())['fusion/sum'];
    expect(Math.round((values['learned'] as number) * 1000)).toBe(4);
  });

  it('and is silent is left out once its time is up, and not called again before its call has come back', async () => {
    const { trainer, batch, told, answer, log } = await stage();
    await batch();
    expect(await batch({ call: 'learn', how: 'is silent' })).toEqual(['rows']);
    for (let k = 0; k < 3; k++) {
      expect(await batch()).toEqual(['rows']);
      expect(told.filter((one) => one.startsWith('words'))).toEqual([]);
    }
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await batch()).toEqual(BOTH);
    expect(trainer.faults).toEqual({ 'words: learn fails': 1 });
    expect(log.facts[0]['reason']).toBe('no answer within 1000 ms');
  });

  it('ends the run, with its own error, where nobody is left', async () => {
    const broken = Object.assign(new CheapParticipant({ next: () => 0 } as never), {
      learn: () => Promise.reject(new Error('all is lost')),
    });
    const { batch } = await stage({
      seats: () => [seatOf('rows', 'domain', broken, { tables: [ITEM_TABLE] })],
      strategy: {
        exchange: async () => ({ lessons: [] }),
        save: () => ({ version: 1, arrays: [], values: {} }),
        load() {},
      },
      grants: [],
    });
    await expect(batch()).rejects.toThrow('all is lost');
  });
});

describe('a strategy that fails', () => {
  it('teaches nothing until it works again, and is told again of items that it missed', async () => {
    let failing = false;
    const told: number[][] = [];
    const strategy: SharingStrategy = {
      arrive: async (items) => {
        if (failing) throw new Error('no map');
        told.push([...items]);
      },
      exchange: async () => {
        if (failing) throw new Error('no map');
        return {
          lessons: [
            { kind: 'text', from: 'words', to: 'rows', side: 'item', rows: new Int32Array(0), texts: [], weight: 1 },
          ],
        };
      },
      save: () => ({ version: 1, arrays: [], values: {} }),
      load() {},
    };
    const { trainer, batch, lessonsHeard } = await stage({ strategy });
    await batch();
    failing = true;
    expect(await batch()).toEqual(BOTH);
    expect(lessonsHeard.rows).toBe(1);
    failing = false;
    await batch();
    expect(lessonsHeard.rows).toBe(2);
    expect(told).toEqual([[0], [1, 2]]);
    expect(trainer.faults).toEqual({ 'cheap-bridge: arrive fails': 1 });
  });
});
