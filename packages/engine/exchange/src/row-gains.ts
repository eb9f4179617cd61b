import type { Batch, BridgeParticipant, BridgeTable, Rows } from '@tandem-rec/contract';
import { beliefsOf } from './beliefs.ts';
import { BUCKETS, bucketOf } from './buckets.ts';
import { servedAt } from './gain-by-bucket.ts';

/** A lesson that moves rows of a student's table. */
export interface RowLesson {
  readonly student: BridgeParticipant;
  /** Item rows of the student. */
  readonly table: BridgeTable;
  /** Where the lesson wants a row to be, a view; undefined where it has no wish. */
  readonly wish: (row: number) => Float32Array | undefined;
}

/**
 * What a lesson about rows would bring: the model itself ranks events that nobody learned, once as it is and once for each
 * popularity bucket with the rows of that bucket (among `items`) moved `blend` of the way to where the lesson wants them.
 * Rows that nobody met are compared at the lesson's place and at zero, since they may lie where it placed them. Answers
 * gains as `gainByBucket` does. The table is as before, bit for bit, when it returns; it costs six predictions.
 *
 * A participant that answers from what it derived from its rows before does not see them moved: then nothing is measured.
 */
export async function rowGains(
  { student, table, wish }: RowLesson,
  events: Batch,
  items: Rows,
  itemCounts: Float32Array,
  blend: number,
): Promise<Float64Array> {
  const serves = async (): Promise<Float64Array> => {
    const { scores } = await beliefsOf(student, events, items, 1);
    return servedBy(scores, events.items.subarray(0, events.fresh), items);
  };
  const gains = new Float64Array(events.fresh * BUCKETS.length).fill(NaN);
  const asIs = await serves();
  for (let k = 0; k < BUCKETS.length; k++) {
    const rows = items.filter((item) => bucketOf(itemCounts[item]) === k && wish(item) !== undefined);
    if (rows.length === 0) continue;
    const own = new Float32Array(rows.length * table.dim);
    const wished = new Float32Array(own.length);
    table.gather(rows, own);
    rows.forEach((row, at) => wished.set(wish(row)!, at * table.dim));
    const at = async (values: Float32Array): Promise<Float64Array> => {
      table.assign(rows, values);
      return serves();
    };
    try {
      const [without, with_] =
        k === 0
          ? [await at(new Float32Array(own.length)), await at(wished)]
          : [asIs, await at(own.map((value, d) => value + blend * (wished[d] - value)))];
      for (let row = 0; row < events.fresh; row++) gains[row * BUCKETS.length + k] = with_[row] - without[row];
    } finally {
      table.assign(rows, own);
    }
  }
  return gains;
}

/** How well each event is served; NaN where its true item is no candidate. */
function servedBy(scores: Float32Array, truth: Rows, items: Rows): Float64Array {
  const width = items.length;
  return Float64Array.from(truth, (item, row) => {
    const column = items.indexOf(item);
    if (column < 0) return NaN;
    const mine = scores[row * width + column];
    let rank = 0;
    for (let at = row * width; at < (row + 1) * width; at++) if (scores[at] > mine) rank++;
    return servedAt(rank);
  });
}
