import { allRows } from '@tandem-rec/compute';
import type { Rng, Statistics } from '@tandem-rec/contract';

/** The items that compete in a step's softmax. */
export interface Competition {
  /** C item rows, each once. */
  readonly rows: Int32Array;
  /** Place of each target among them. */
  readonly columns: Int32Array;
  /** log Q of each: how likely it was to be among them. Absent where all items compete. */
  readonly logQ?: Float32Array;
}

/** All items compete. */
export const everybody = (items: number, targets: Int32Array): Competition => ({
  rows: allRows(items),
  columns: targets,
});

/**
 * The targets compete with one another and with `negatives` uniform draws. A logit is corrected by the log of how likely
 * its item is among them (Bengio and Senécal, 2008; Yi et al., RecSys 2019), so that being often a target is no handicap:
 *
 *     Q_i = 1 − (1 − q_i)^n (1 − 1/items)^negatives        q_i: i's share of the interactions so far, smoothed by one
 */
export function sampled(
  items: number,
  targets: Int32Array,
  negatives: number,
  { interactions, itemCounts }: Statistics,
  rng: Rng,
): Competition {
  const places = new Map<number, number>();
  const enter = (row: number): number => {
    const place = places.get(row) ?? places.size;
    places.set(row, place);
    return place;
  };
  const columns = targets.map(enter);
  for (let draw = 0; draw < negatives; draw++) enter(rng.int(items));
  const rows = Int32Array.from(places.keys());
  const notDrawn = (1 - 1 / items) ** negatives;
  const logQ = Float32Array.from(rows, (row) => {
    const share = ((itemCounts[row] ?? 0) + 1) / (interactions + items);
    return Math.log(1 - (1 - share) ** targets.length * notDrawn);
  });
  return { rows, columns, logQ };
}
