import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@tandem-rec/contract';

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};
