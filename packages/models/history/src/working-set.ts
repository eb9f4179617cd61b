import type { Batch, Lesson, Rng, Statistics } from '@tandem-rec/contract';
import { room, rowRoom } from './scratch.ts';

/**
 * The item rows that one step looks at, each once. The first `candidates` of them compete in the softmax; the others
 * are met in histories and lessons only. `local` turns a table's row into a number within the set.
 */
export class WorkingSet {
  size = 0;
  candidates = 0;
  /** Every row of the table, in order: `local` is the identity then. */
  whole = false;
  #rows = new Int32Array(0);
  #local = new Int32Array(0);
  #logQ = new Float32Array(0);

  /** The table's rows in the set. */
  get rows(): Int32Array {
    return this.#rows.subarray(0, this.size);
  }

  /** Log of the probability that a candidate was chosen. Meaningless where `whole`. */
  get logQ(): Float32Array {
    return this.#logQ.subarray(0, this.candidates);
  }

  /** Number of a row within the set, −1 if it is not in it. */
  local(row: number): number {
    return this.#local[row];
  }

  /** All rows of the catalogue compete. */
  selectAll(rows: number): void {
    if (this.whole && this.size === rows) return;
    this.#reset(rows);
    this.whole = true;
    for (let row = 0; row < rows; row++) this.#add(row);
    this.candidates = rows;
  }

  /**
   * The batch's targets compete with `negatives` uniform draws. An item's logit is corrected by the log of how likely
   * it is among them (Bengio and Senécal 2008; Yi et al., RecSys 2019), so that being often a target is no handicap:
   *
   *     Q_i = 1 − (1 − q_i)^B (1 − 1/n)^m        q_i: the item's share of the interactions so far, smoothed by one
   */
  sample(batch: Batch, rows: number, negatives: number, statistics: Statistics, rng: Rng): void {
    this.#reset(rows);
    this.whole = false;
    for (let b = 0; b < batch.size; b++) this.#add(batch.items[b]);
    for (let draw = 0; draw < negatives; draw++) this.#add(rng.int(rows));
    this.candidates = this.size;

    this.#logQ = room(this.#logQ, this.size);
    const notDrawn = (1 - 1 / rows) ** negatives;
    const interactions = statistics.interactions + rows;
    for (let i = 0; i < this.candidates; i++) {
      const share = ((statistics.itemCounts[this.#rows[i]] ?? 0) + 1) / interactions;
      this.#logQ[i] = Math.log(1 - (1 - share) ** batch.size * notDrawn);
    }
  }

  /** Rows that the step needs beside its candidates: the newest `positions` of each history, and those of lessons. */
  include(batch: Batch, positions: number, lessons: readonly Lesson[]): void {
    if (this.whole) return;
    const { offsets, items } = batch.history;
    for (let b = 0; b < batch.size; b++)
      for (let k = offsets[b]; k < Math.min(offsets[b + 1], offsets[b] + positions); k++) this.#add(items[k]);
    for (const lesson of lessons)
      if (lesson.kind === 'predictions') for (const row of lesson.candidates.items) this.#add(row);
      else if (lesson.kind === 'representations' && lesson.side === 'item')
        for (const row of lesson.rows) this.#add(row);
  }

  #reset(rows: number): void {
    for (let i = 0; i < this.size; i++) this.#local[this.#rows[i]] = -1;
    if (this.#local.length < rows) this.#local = new Int32Array(rows * 2).fill(-1);
    this.size = 0;
  }

  #add(row: number): void {
    if (this.#local[row] >= 0) return;
    if (this.size === this.#rows.length) {
      const larger = rowRoom(this.#rows, this.size * 2 + 64);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#local[row] = this.size;
    this.#rows[this.size++] = row;
  }
}
