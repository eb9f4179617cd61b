import { allRows } from '@tandem-rec/compute';
import type { Batch, Rng, Rows } from '@tandem-rec/contract';

/**
 * The items that prediction lessons of a batch rank: the whole catalogue while it has at most `limit` items, else the
 * batch's own items and a uniform sample of others. Distinct, ascending.
 */
export function lessonCandidates(batch: Batch, catalogue: number, limit: number, rng: Rng): Rows {
  if (catalogue <= limit) return allRows(catalogue);
  const chosen = new Set(batch.items);
  while (chosen.size < limit) chosen.add(rng.int(catalogue));
  return Int32Array.from(chosen).sort();
}
