import { softmaxRows } from '@tandem-rec/compute';
import type { Batch } from '@tandem-rec/contract';
import type { Beliefs } from '@tandem-rec/exchange';

/** A participant's beliefs with other scores about the same candidates: what is made of them is still taught by it. */
export function believing(teacher: Beliefs, scores: Float32Array, { size, items: truths }: Batch): Beliefs {
  const { items, temperature } = teacher;
  const width = items.length;
  const logSums = new Float64Array(size);
  softmaxRows(scores, size, width, temperature, undefined, logSums);
  const truth = Float32Array.from(teacher.truth, (before, row) =>
    before === -Infinity ? before : scores[row * width + items.indexOf(truths[row])] / temperature - logSums[row],
  );
  return { ...teacher, scores, truth };
}
