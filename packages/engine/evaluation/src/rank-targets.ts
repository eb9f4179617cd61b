import type { Rows } from '@tandem-rec/contract';
import { countAbove } from '@tandem-rec/compute';

/** Where a user's targets came out among the candidates. Arrays are reused by the next call of the same ranker. */
export interface RankedTargets {
  /** 0-based ranks, ascending, one for each different target. */
  readonly ranks: Int32Array;
  /** The target at each rank. */
  readonly items: Rows;
  /** How many items were ranked, targets included. */
  readonly candidates: number;
  /** Probability that a target is scored above another candidate, ties counted half. NaN if there is no other candidate. */
  readonly auc: number;
}

/**
 * Ranks the targets of one user among all items that the user has not met.
 *
 * Ties: in a group of equal scores with t targets and m others the j-th target (from 1) gets the rank it has on average
 * under random order, `greater + j (t + m + 1) / (t + 1) − 1`, rounded down. Scoring all alike is not rewarded, no two
 * targets share a rank, and with one target this is `rankOf` of `@tandem-rec/compute`. Rounding down favours a target
 * that is tied with an odd number of others by half a place: popularity, whose counts are often equal, gains about 2 %
 * of recall@10 on MovieLens 100K over ties broken by id; models whose scores rarely tie gain nothing.
 *
 * A target of NaN ranks last, other NaNs are below everything. A target is a candidate even if the user has met it.
 */
export class TargetRanker {
  readonly #items: number;
  /** Which items are no candidates, or are targets, while a user is ranked. */
  readonly #left: Uint8Array;
  #targets: Rows = new Int32Array(0);
  #ranks: Int32Array = new Int32Array(0);
  #scores: Float32Array = new Float32Array(0);
  #above: Int32Array = new Int32Array(0);
  #equal: Int32Array = new Int32Array(0);

  /** @param items number of items, which are the columns of the scores */
  constructor(items: number) {
    this.#items = items;
    this.#left = new Uint8Array(items);
  }

  /** `scores[offset + item]` for every item; `seen` and `targets` in any order, repetitions do not matter. */
  rank(scores: Float32Array, offset: number, seen: Rows, targets: Rows): RankedTargets {
    const score = (item: number): number => scores[offset + item];
    const items = this.#sorted(score, targets);
    const wanted = this.#scores;
    for (let k = 0; k < items.length; k++) wanted[k] = score(items[k]);
    const others = this.#countOthers(scores, offset, seen, items);
    const ranks = this.#ranks.subarray(0, items.length);
    let won = 0;
    for (let first = 0, next = 1; first < items.length; first = next++) {
      if (Number.isNaN(wanted[first])) {
        for (next = first; next < items.length; next++) ranks[next] = next + others;
        break;
      }
      while (next < items.length && wanted[next] === wanted[first]) next++;
      const tied = next - first;
      // Targets were counted with the rest: those before it are above it, those that tie are equal.
      const greater = this.#above[first] - first;
      const equal = this.#equal[first] - tied;
      for (let j = 1; j <= tied; j++)
        ranks[first + j - 1] = first + greater + Math.floor((j * (tied + equal + 1)) / (tied + 1)) - 1;
      won += tied * (others - greater - equal / 2);
    }
    return { ranks, items, candidates: others + items.length, auc: won / (others * items.length) };
  }

  /** Items that are not seen, and targets, above each target and equal to it; returns how many are no targets. */
  #countOthers(scores: Float32Array, offset: number, seen: Rows, targets: Rows): number {
    const [left, wanted, above, equal] = [this.#left, this.#scores, this.#above, this.#equal];
    countAbove(scores, offset, this.#items, wanted, targets.length, above, equal);
    let others = this.#items - targets.length;
    for (const item of targets) left[item] = 1;
    for (const item of seen) {
      if (left[item] !== 0) continue;
      left[item] = 1;
      others--;
      const score = scores[offset + item];
      // From the worst target up.
      for (let k = targets.length - 1; k >= 0 && !(score < wanted[k]); k--)
        if (score > wanted[k]) above[k]--;
        else if (score === wanted[k]) equal[k]--;
    }
    for (const item of seen) left[item] = 0;
    for (const item of targets) left[item] = 0;
    return others;
  }

  /** Targets without repetition, highest score first, equal ones by row, NaNs at the end. */
  #sorted(score: (item: number) => number, targets: Rows): Rows {
    if (this.#targets.length < targets.length) {
      this.#targets = new Int32Array(targets.length * 2);
      this.#ranks = new Int32Array(targets.length * 2);
      this.#scores = new Float32Array(targets.length * 2);
      this.#above = new Int32Array(targets.length * 2);
      this.#equal = new Int32Array(targets.length * 2);
    }
    this.#targets.set(targets);
    const all = this.#targets.subarray(0, targets.length);
    if (all.length > 1) all.sort((a, b) => compare(score(a), score(b)) || a - b);
    let kept = 0;
    for (let k = 0; k < all.length; k++) if (k === 0 || all[k] !== all[k - 1]) all[kept++] = all[k];
    return all.subarray(0, kept);
  }
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a === b ? 0 : a > b ? -1 : 1;
}
