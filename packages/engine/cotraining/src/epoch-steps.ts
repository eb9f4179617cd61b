import type { Evaluation, Rng } from '@tandem-rec/contract';
import { lengthBuckets, shuffle } from '@tandem-rec/compute';
import type { TrainingSet } from '@tandem-rec/data';

/**
 * Deals the events of a training set out to the steps of an epoch: positions for `TrainingSet.batch`, each event once, anew
 * at every call; the arrays hold until the next one.
 *
 * By `events`, every step is `batch` events in random order. By `timelines`, the events of a user stand together, oldest
 * first, so that models may read them as one sequence; a step takes users with nearly as many events as each other until
 * it has about `batch`. A timeline longer than that is dealt in pieces, the oldest of them the shortest.
 */
export function epochSteps(
  data: TrainingSet,
  { batches, batch }: Pick<Evaluation, 'batches' | 'batch'>,
  rng: Rng,
): () => readonly Int32Array[] {
  if (batches === 'timelines') return timelineSteps(data, batch, rng);
  const order = Int32Array.from({ length: data.size }, (_, position) => position);
  return () => {
    shuffle(order, rng);
    const steps = Math.ceil(order.length / batch);
    return Array.from({ length: steps }, (_, step) => order.subarray(step * batch, (step + 1) * batch));
  };
}

function timelineSteps(data: TrainingSet, batch: number, rng: Rng): () => readonly Int32Array[] {
  const { offsets } = data.timelines;
  const pieces: Int32Array[] = [];
  for (let user = 0; user < data.users; user++)
    for (let end = offsets[user + 1]; end > offsets[user]; end -= batch)
      pieces.push(data.positions.subarray(Math.max(offsets[user], end - batch), end));
  const lengths = Int32Array.from(pieces, ({ length }) => length);
  return () =>
    lengthBuckets(lengths, batch, rng).map((group) => {
      const step = new Int32Array(group.reduce((sum, piece) => sum + lengths[piece], 0));
      group.reduce((at, piece) => (step.set(pieces[piece], at), at + lengths[piece]), 0);
      return step;
    });
}
