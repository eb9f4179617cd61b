import type { Batch, Interactions } from '@tandem-rec/contract';
import { batchOf, timelinesOf } from '@tandem-rec/testkit';

/** Every event as user, item and what the user met before, newest first. */
export const eventsOf = (timelines: readonly (readonly number[])[]) =>
  timelines.flatMap((items, user) => items.map((item, k) => [user, item, items.slice(0, k).toReversed()] as const));

/** A training set of timelines, oldest first. */
export function dataOf(timelines: readonly (readonly number[])[], items: number): Interactions {
  const all = eventsOf(timelines);
  return {
    size: all.length,
    users: timelines.length,
    items,
    timelines: timelinesOf(batchOf(all), timelines.length),
    batch: (order) => batchOf([...order].map((at) => all[at])),
  };
}

/** Questions of users 0, 1, … with these histories. */
export const asked = (...histories: readonly (readonly number[])[]): Batch =>
  batchOf(histories.map((history, user) => [user, 0, history]));
