import type { Clock, InteractionSink } from '@tandem-rec/contract';
import type { StreamRecord } from '@tandem-rec/data';
import { describe, expect, it } from 'vitest';
import { replayStream, type ReplayOptions, type Sent } from './replay-stream.ts';

/** A clock that moves only by sleeping. */
class SleepingClock implements Clock {
  #ms = 0;
  nowMs = (): number => this.#ms;
  monotonicMs = (): number => this.#ms;
  sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    this.#ms += ms;
  };
}

const record = (at: number, type: StreamRecord['type'] = 'interaction'): StreamRecord => ({
  type,
  key: `u${at}`,
  value: `${at}`,
  atMs: at,
});

function world(changes: Partial<ReplayOptions> = {}) {
  const clock = new SleepingClock();
  const appended: { readonly atMs: number; readonly values: readonly string[] }[] = [];
  const sink: InteractionSink = {
    append: async (records) => void appended.push({ atMs: clock.nowMs(), values: records.map(({ value }) => value) }),
    close: async () => {},
  };
  const sent: Sent[] = [];
  const options: ReplayOptions = {
    pace: { kind: 'max' },
    limit: Infinity,
    clock,
    signal: new AbortController().signal,
    onSent: (now) => sent.push(now),
    ...changes,
  };
  return { sink, appended, sent, options };
}

describe('replayStream', () => {
  it('sends everything in order, in batches', async () => {
    const { sink, appended, options } = world();
    const records = Array.from({ length: 2500 }, (_, at) => record(at));
    expect(await replayStream(records, sink, options)).toEqual({ interactions: 2500, items: 0 });
    expect(appended.map(({ values }) => values.length)).toEqual([1000, 1000, 500]);
    expect(appended.flatMap(({ values }) => values)).toEqual(records.map(({ value }) => value));
  });

  it('keeps the times of the records, so many times as fast', async () => {
    const { sink, appended, options } = world({ pace: { kind: 'realtime', factor: 10 } });
    await replayStream([record(1000), record(1000), record(6000), record(11_000)], sink, options);
    expect(appended).toEqual([
      { atMs: 0, values: ['1000', '1000'] },
      { atMs: 500, values: ['6000'] },
      { atMs: 1000, values: ['11000'] },
    ]);
  });

  it('counts interactions toward the limit, and items apart', async () => {
    const { sink, appended, options } = world({ limit: 2 });
    const records = [record(1, 'item'), record(2), record(3, 'item'), record(4), record(5, 'item'), record(6)];
    expect(await replayStream(records, sink, options)).toEqual({ interactions: 2, items: 2 });
    expect(appended.flatMap(({ values }) => values)).toEqual(['1', '2', '3', '4']);
  });

  it('stops between batches when it is interrupted, and says what was acknowledged', async () => {
    const stop = new AbortController();
    const { sink, sent, options } = world({ pace: { kind: 'rate', perSecond: 1 }, signal: stop.signal });
    const done = await replayStream([record(1), record(2), record(3)], sink, {
      ...options,
      onSent: (now) => {
        sent.push(now);
        if (now.interactions === 2) stop.abort();
      },
    });
    expect(done).toEqual({ interactions: 2, items: 0 });
    expect(sent.at(-1)).toEqual(done);
  });
});
