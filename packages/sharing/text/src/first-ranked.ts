import { topK } from '@tandem-rec/compute';
import type { Batch, BridgeParticipant, Rows, UserContexts } from '@tandem-rec/contract';

/** What a participant ranks first for some rows of a batch, as of their moments, without what was met then; best first. */
export async function firstRanked(
  participant: BridgeParticipant,
  batch: Batch,
  rows: readonly number[],
  candidates: Rows,
  top: number,
): Promise<readonly Rows[]> {
  const users = rowsOf(batch, rows);
  const scores = await participant.predict(users, { kind: 'shared', items: candidates });
  const columns = new Map<number, number>();
  candidates.forEach((item, column) => columns.set(item, column));
  const { offsets, items } = users.history;
  const k = Math.min(top, candidates.length);
  const [best, values] = [new Int32Array(k), new Float32Array(k)];
  return rows.map((_, r) => {
    const met = [...items.subarray(offsets[r], offsets[r + 1])].flatMap((item) => columns.get(item) ?? []);
    const count = topK(scores, r * candidates.length, candidates.length, k, Int32Array.from(met), best, values);
    return Int32Array.from(best.subarray(0, count), (column) => candidates[column]);
  });
}

/** Some rows of a batch as a question of their own. */
function rowsOf({ users, positions, atMs, history: { offsets, items } }: Batch, rows: readonly number[]): UserContexts {
  const pasts = rows.map((row) => items.subarray(offsets[row], offsets[row + 1]));
  const ends = new Int32Array(rows.length + 1);
  pasts.forEach(({ length }, r) => (ends[r + 1] = ends[r] + length));
  return {
    size: rows.length,
    users: Int32Array.from(rows, (row) => users[row]),
    positions: Int32Array.from(rows, (row) => positions[row]),
    atMs: Float64Array.from(rows, (row) => atMs[row]),
    history: { offsets: ends, items: Int32Array.from(pasts.flatMap((past) => [...past])) },
  };
}
