import type { Clock } from '@tandem-rec/contract';
import { systemClock } from '@tandem-rec/cotrainer';

/** CPU milliseconds of this process so far, all its threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What one reading costs: on some machines as much as learning several events. */
function readingMs(): number {
  const readings = 2000;
  for (let i = 0; i < readings; i++) cpuMs();
  const start = cpuMs();
  for (let i = 0; i < readings; i++) cpuMs();
  return (cpuMs() - start) / readings;
}

/**
 * A clock whose durations are CPU time, so that the loop's own stage times are what the stages cost and not how long the
 * machine kept them waiting. What the readings themselves cost is taken off.
 */
export function createCpuClock(): Clock {
  const reading = readingMs();
  let readings = 0;
  return { ...systemClock, monotonicMs: () => cpuMs() - reading * readings++ };
}
