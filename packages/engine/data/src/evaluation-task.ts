import type { GivenPart, Rows, UserContexts } from '@tandem-rec/contract';

import type { Split } from './split.ts';
import { timelines, type TimelineIndex } from './timelines.ts';
import { eventsOf } from './training-set.ts';

/** Items of every user: those of user u are `items[offsets[u] … offsets[u + 1])`. */
export interface ItemLists {
  /** Length: users + 1. */
  readonly offsets: Int32Array;
  readonly items: Rows;
}

/** Who is to be asked what, and what counts as right: what `rankAll` of `@tandem-rec/evaluation` needs of a split. */
export interface EvaluationTask {
  /** Users who have something to find, ascending. */
  readonly users: Rows;
  /** What each user met already: not ranked. Oldest first. */
  readonly seen: ItemLists;
  /** What each user should find. */
  readonly targets: ItemLists;
  /**
   * Users (row numbers) with their history at the moment of the question, newest first: when they met the first of their
   * targets. Arrays of their own.
   */
  contexts(users: Rows): UserContexts;
}

export interface TaskOptions {
  /** Most items of a history, ≥ 1. */
  readonly historyLimit: number;
  /** Whether the test's histories contain the validation items (no refit). Default true. Those items are masked either way. */
  readonly historyWithValidation?: boolean;
}

/** The question that a part of a split asks: validation masks the training items, the test masks training and validation. */
export function evaluationTask(split: Split, part: 'valid' | 'test', options: TaskOptions): EvaluationTask {
  const { historyLimit, historyWithValidation = true } = options;
  const before: readonly GivenPart[] = part === 'valid' ? ['train'] : ['train', 'valid'];
  const known: readonly GivenPart[] = part === 'test' && !historyWithValidation ? ['train'] : before;
  const targets = listsOf(split, [part]);
  const seen = listsOf(split, before);
  const histories = known === before ? seen : listsOf(split, known);
  const askedAtMs = firstTimes(split, part);
  return {
    users: Int32Array.from(
      Array.from({ length: split.users }, (_, user) => user).filter(
        (user) => targets.offsets[user + 1] > targets.offsets[user],
      ),
    ),
    seen,
    targets,
    contexts: (users) => contextsOf(histories, users, historyLimit, askedAtMs),
  };
}

/** Users with the newest `limit` of their items, newest first. `askedAtMs`: the moment of the question, by user row. */
export function contextsOf(lists: ItemLists, users: Rows, limit: number, askedAtMs: Float64Array): UserContexts {
  const offsets = new Int32Array(users.length + 1);
  const positions = users.map((user) => lists.offsets[user + 1] - lists.offsets[user]);
  positions.forEach((count, b) => (offsets[b + 1] = offsets[b] + Math.min(count, limit)));
  const items = new Int32Array(offsets[users.length]);
  for (let b = 0; b < users.length; b++) {
    let from = lists.offsets[users[b] + 1];
    for (let at = offsets[b]; at < offsets[b + 1]; at++) items[at] = lists.items[--from];
  }
  const atMs = Float64Array.from(users, (user) => askedAtMs[user]);
  return { size: users.length, users, history: { offsets, items }, positions, atMs };
}

/** How often each item and each user occurs in some parts of a split. */
export function countEvents(
  split: Split,
  parts: readonly GivenPart[],
): { readonly items: Float32Array; readonly users: Float32Array } {
  const items = new Float32Array(split.items);
  const users = new Float32Array(split.users);
  for (const event of eventsOf(split, parts)) {
    items[split.table.items[event]]++;
    users[split.table.users[event]]++;
  }
  return { items, users };
}

/** When each user's first event of a part happened; 0 for users who have none. */
function firstTimes({ table, users, ...parts }: Split, part: GivenPart): Float64Array {
  const times = new Float64Array(users).fill(Infinity);
  for (const event of parts[part]) times[table.users[event]] = Math.min(times[table.users[event]], table.atMs[event]);
  return times.map((time) => (time === Infinity ? 0 : time));
}

function listsOf(split: Split, parts: readonly GivenPart[]): ItemLists {
  const { offsets, events }: TimelineIndex = timelines(split.table, eventsOf(split, parts));
  return { offsets, items: events.map((event) => split.table.items[event]) };
}
