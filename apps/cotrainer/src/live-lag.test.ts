import type { Lag } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { LiveLag } from './live-lag.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('LiveLag', () => {
  it('says what the source said last and asks once a second', async () => {
    const answers: Promise<Lag | undefined>[] = [
      Promise.resolve({ records: 30 }),
      Promise.reject(new Error('not open')),
      Promise.resolve({ records: 20 }),
    ];
    answers[1].catch(() => {});
    let [asked, now] = [0, 0];
    const live = new LiveLag({ lag: () => answers[asked++] }, { monotonicMs: () => now });
    const seen: (number | undefined)[] = [];
    for (now of [0, 400, 999, 1000, 1400, 2000, 2100]) {
      seen.push(live.records);
      await turn();
    }
    expect(seen).toEqual([undefined, 30, 30, 30, undefined, undefined, 20]);
    expect(asked).toBe(3);
  });

  it('does not ask again while it waits for an answer', async () => {
    const { promise, resolve } = Promise.withResolvers<Lag>();
    let [asked, now] = [0, 0];
    const live = new LiveLag({ lag: () => (asked++, promise) }, { monotonicMs: () => now });
    for (now of [0, 2000, 4000]) expect(live.records).toBeUndefined();
    expect(asked).toBe(1);
    resolve({ records: 7 });
    await turn();
    expect(live.records).toBe(7);
  });
});
