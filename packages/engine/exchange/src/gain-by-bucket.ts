import type { Rows } from '@tandem-rec/contract';
import type { Beliefs } from './beliefs.ts';
import { BUCKETS, bucketOf } from './buckets.ts';

/** What an expert holds impossible counts as this log-probability. */
const LEAST = -30;
const WIDTH = BUCKETS.length;

/** Places within the list that a user sees differ little; beyond it, what counts is the ratio. */
const SEEN = 10;

/** How well an event is served whose true item is at this 0-based rank: −log(10 + rank). */
export const servedAt = (rank: number): number => -Math.log(SEEN + rank);

/**
 * For each event (the first rows of the beliefs, their true items `truth`) and each popularity bucket: by how much better
 * it is served when the student's log-probabilities of that bucket's candidates move `blend` of the way to the teacher's.
 * `events × buckets`; NaN where the event's true item is no candidate, or the bucket has none.
 */
export function gainByBucket(
  teacher: Beliefs,
  student: Beliefs,
  truth: Rows,
  itemCounts: Float32Array,
  blend: number,
): Float64Array {
  const { items } = student;
  const width = items.length;
  const buckets = Uint8Array.from(items, (item) => bucketOf(itemCounts[item]));
  const present = new Set(buckets);
  const gains = new Float64Array(truth.length * WIDTH).fill(NaN);
  /** Candidates above the true item by bucket: as the student has it; with the bucket moved; bucket and true item moved. */
  const before = new Int32Array(WIDTH);
  const moved = new Int32Array(WIDTH);
  for (let row = 0; row < truth.length; row++) {
    const column = items.indexOf(truth[row]);
    if (column < 0 || student.truth[row] === -Infinity || Number.isNaN(teacher.truth[row])) continue;
    const at = row * width;
    const own = logProbabilities(student, row, column, at);
    const others = logProbabilities(teacher, row, column, at);
    const home = buckets[column];
    const mine = own(column);
    const raised = mine + blend * (others(column) - mine);
    before.fill(0);
    moved.fill(0);
    /** Of other buckets, above the true item once that has moved. */
    let aboveRaised = 0;
    for (let i = 0; i < width; i++) {
      if (i === column || student.scores[at + i] === -Infinity) continue;
      const k = buckets[i];
      const is = own(i);
      const becomes = is + blend * (others(i) - is);
      if (is > mine) before[k]++;
      if (becomes > (k === home ? raised : mine)) moved[k]++;
      if (k !== home && is > raised) aboveRaised++;
    }
    const rank = before.reduce((sum, one) => sum + one, 0);
    for (const k of present) {
      const then = k === home ? aboveRaised + moved[k] : rank - before[k] + moved[k];
      gains[row * WIDTH + k] = servedAt(then) - servedAt(rank);
    }
  }
  return gains;
}

/** log p of a row's candidates by column, nothing below `LEAST`. */
function logProbabilities(
  { scores, truth, temperature }: Beliefs,
  row: number,
  column: number,
  at: number,
): (column: number) => number {
  const scale = 1 / temperature;
  const shift = scores[at + column] * scale - truth[row];
  return (i) => Math.max(scores[at + i] * scale - shift, LEAST);
}
