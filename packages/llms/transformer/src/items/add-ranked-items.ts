import type { Attachment, Batch, Rng } from '@tandem-rec/contract';
import type { Universe } from './universe.ts';

/** The first `ranked` items of a universe compete in the ranking loss; sampled ones have a `logQ`. */
export interface RankedItems {
  readonly ranked: number;
  /** Log of the probability that an item is among them: sampled, or the true item of one of the batch's rows. */
  readonly logQ: Float32Array | undefined;
}

/** Adds the items that compete to an empty universe: all, or, if there are more than `negatives`, the batch's own and sampled ones. */
export function addRankedItems(
  universe: Universe,
  batch: Batch,
  { catalogue, statistics }: Pick<Attachment, 'catalogue' | 'statistics'>,
  negatives: number,
  rng: Rng,
): RankedItems {
  const count = Math.max(catalogue.size, statistics.items);
  if (count <= negatives) {
    for (let row = 0; row < count; row++) universe.add(row);
    universe.addAll(batch.items);
    return { ranked: universe.size, logQ: undefined };
  }
  universe.addAll(batch.items);
  for (let drawn = 0; drawn < negatives; drawn++) universe.add(rng.int(count));

  const { itemCounts, interactions } = statistics;
  const unsampled = (1 - 1 / count) ** negatives;
  const logQ = Float32Array.from(universe.rows, (row) => {
    const frequency = ((itemCounts[row] ?? 0) + 1) / (interactions + count);
    return Math.log(1 - unsampled * (1 - frequency) ** batch.size);
  });
  return { ranked: universe.size, logQ };
}
