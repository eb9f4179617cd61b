import type { Candidates, Rows, Scores, UserContexts } from '@tandem-rec/contract';

import { TargetRanker } from './rank-targets.ts';

/** Items of every user: those of user u are `items[offsets[u] … offsets[u + 1])`. */
export interface ItemLists {
  /** Length: users + 1. */
  readonly offsets: Int32Array;
  readonly items: Rows;
}

/** Who is asked what, and what counts as right; `evaluationTask` of `@tandem-rec/data` makes it of a split. */
export interface RankingTask {
  /** Users who have something to find. */
  readonly users: Rows;
  /** By user row: what they met already. It is not ranked, unless it is also a target. */
  readonly seen: ItemLists;
  /** By user row: what they should find. */
  readonly targets: ItemLists;
  contexts(users: Rows): UserContexts;
}

export interface RankAllOptions {
  /** Number of items; all of them are candidates. */
  readonly items: number;
  /** Users asked at once. Default: as many as make 16 million scores, 64 MB, at most 256: models read their items once for all. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch. */
  readonly onProgress?: (done: number, users: number) => void;
}

/** Where the targets of each user came out in the full ranking. User k of `users` has `offsets[k] … offsets[k + 1]`. */
export interface Ranking {
  readonly users: Rows;
  /** Length: users + 1. */
  readonly offsets: Int32Array;
  /** 0-based, ascending for each user. See `TargetRanker` for ties. */
  readonly ranks: Int32Array;
  /** The target at each rank. */
  readonly targets: Rows;
  /** Per user: how many items were ranked. */
  readonly candidates: Int32Array;
  /** Per user: the chance that a target is above another candidate. NaN where every candidate is a target. */
  readonly auc: Float64Array;
}

const SCORES = 1 << 24;

/** Full ranking by one model. */
export async function rankAll(
  task: RankingTask,
  predict: (users: UserContexts, items: Candidates) => Promise<Scores> | Scores,
  options: RankAllOptions,
): Promise<Ranking> {
  const { model } = await rankEach(task, async (users, items) => ({ model: await predict(users, items) }), options);
  return model;
}

/**
 * Full ranking by several experts that are asked together, by name: participants and what a fusion makes of them.
 * All items are candidates, in the order of their rows; what a user has met is masked here, so experts need not care.
 */
export async function rankEach<Name extends string>(
  task: RankingTask,
  predict: (users: UserContexts, items: Candidates) => Promise<Readonly<Record<Name, Scores>>>,
  options: RankAllOptions,
): Promise<Readonly<Record<Name, Ranking>>> {
  const { users, seen, targets } = task;
  const { items, signal, onProgress } = options;
  const batch = options.batch ?? Math.max(1, Math.min(256, Math.floor(SCORES / items)));
  const candidates: Candidates = { kind: 'shared', items: new Int32Array(items).map((_, item) => item) };
  const ranker = new TargetRanker(items);
  const collected = new Map<Name, RankingBuilder>();
  for (let from = 0; from < users.length; from += batch) {
    signal?.throwIfAborted();
    const asked = users.subarray(from, from + batch);
    const opinions = await predict(task.contexts(asked), candidates);
    for (const [name, scores] of Object.entries(opinions) as [Name, Scores][]) {
      if (scores.length < asked.length * items)
        throw new RangeError(`${name} gave ${scores.length} scores for ${asked.length} users and ${items} items.`);
      const builder = collected.get(name) ?? new RankingBuilder(task);
      collected.set(name, builder);
      for (let b = 0; b < asked.length; b++)
        builder.add(ranker.rank(scores, b * items, listOf(seen, asked[b]), listOf(targets, asked[b])));
    }
    onProgress?.(Math.min(users.length, from + batch), users.length);
  }
  return Object.fromEntries(Array.from(collected, ([name, builder]) => [name, builder.build()])) as Record<
    Name,
    Ranking
  >;
}

/** Gives `-Infinity` to what the users have met, as fusions expect it of their experts. In place. */
export function maskSeen(scores: Scores, users: Rows, seen: ItemLists, items: number): void {
  for (let b = 0; b < users.length; b++)
    for (const item of listOf(seen, users[b])) scores[b * items + item] = -Infinity;
}

const listOf = ({ offsets, items }: ItemLists, user: number): Rows => items.subarray(offsets[user], offsets[user + 1]);

class RankingBuilder {
  readonly #users: Rows;
  readonly #offsets: Int32Array;
  readonly #ranks: Int32Array;
  readonly #targets: Rows;
  readonly #candidates: Int32Array;
  readonly #auc: Float64Array;
  #at = 0;

  constructor({ users, targets }: RankingTask) {
    const room = users.reduce((sum, user) => sum + targets.offsets[user + 1] - targets.offsets[user], 0);
    this.#users = users;
    this.#offsets = new Int32Array(users.length + 1);
    this.#ranks = new Int32Array(room);
    this.#targets = new Int32Array(room);
    this.#candidates = new Int32Array(users.length);
    this.#auc = new Float64Array(users.length);
  }

  add({ ranks, items, candidates, auc }: ReturnType<TargetRanker['rank']>): void {
    const from = this.#offsets[this.#at];
    this.#ranks.set(ranks, from);
    this.#targets.set(items, from);
    this.#candidates[this.#at] = candidates;
    this.#auc[this.#at] = auc;
    this.#offsets[++this.#at] = from + ranks.length;
  }

  build(): Ranking {
    const total = this.#offsets[this.#users.length];
    return {
      users: this.#users,
      offsets: this.#offsets,
      ranks: this.#ranks.subarray(0, total),
      targets: this.#targets.subarray(0, total),
      candidates: this.#candidates,
      auc: this.#auc,
    };
  }
}
