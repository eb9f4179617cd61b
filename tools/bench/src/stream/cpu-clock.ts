import type { Clock } from '@tandem-rec/contract';
import { systemClock } from '@tandem-rec/cotrainer';

/** CPU milliseconds of this process so far, all its threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * A clock whose durations are CPU time, so that the loop's own stage times are what the stages cost and not how long the
 * machine kept them waiting.
 */
export const cpuClock: Clock = { ...systemClock, monotonicMs: cpuMs };
