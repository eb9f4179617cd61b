import type { Batch, PredictionLesson, Rng } from '@tandem-rec/contract';
import type { Pairs } from './pairs.ts';

/** Items of a step, each once, in the order in which they were first named. */
export class ItemList {
  readonly #places = new Map<number, number>();

  begin(): void {
    this.#places.clear();
  }

  place(item: number): number {
    const known = this.#places.get(item);
    if (known !== undefined) return known;
    this.#places.set(item, this.#places.size);
    return this.#places.size - 1;
  }

  rows(): Int32Array {
    return Int32Array.from(this.#places.keys());
  }
}

/**
 * The examples of a batch as pairs, with their classes: each event by its value if there is a threshold, else each event as
 * positive and `negatives` items drawn against it. An item from the user's history, or the event's own, is no negative.
 */
export function addExamples(
  batch: Batch,
  label: { readonly atLeast: number } | undefined,
  negatives: number,
  items: { readonly count: number; readonly rng: Rng },
  list: ItemList,
  pairs: Pairs,
): number[] {
  const classes: number[] = [];
  const add = (b: number, item: number, positive: boolean): void => {
    pairs.add(b, list.place(item));
    classes.push(positive ? 1 : 0);
  };
  for (let b = 0; b < batch.size; b++) {
    add(b, batch.items[b], label === undefined || batch.values[b] >= label.atLeast);
    if (label !== undefined) continue;
    const { offsets, items: past } = batch.history;
    const met = new Set(past.subarray(offsets[b], offsets[b + 1])).add(batch.items[b]);
    for (let draw = 0; draw < negatives; draw++) {
      const item = items.rng.int(items.count);
      if (!met.has(item)) add(b, item, false);
    }
  }
  return classes;
}

/** The candidates of a lesson as pairs, row by row. */
export function addCandidates({ candidates, weight }: PredictionLesson, list: ItemList, pairs: Pairs): void {
  const { items } = candidates;
  for (let b = 0; b < weight.length; b++) {
    const from = candidates.kind === 'shared' ? 0 : candidates.offsets[b];
    const to = candidates.kind === 'shared' ? items.length : candidates.offsets[b + 1];
    for (let i = from; i < to; i++) pairs.add(b, list.place(items[i]));
  }
}
