import type { Batch, Statistics } from '@tandem-rec/contract';
import type { Beliefs } from '@tandem-rec/exchange';
import { believing } from './believing.ts';

/**
 * What the student would believe with the teacher's knowledge beyond popularity on top of its own. With p_0 the popularity
 * of the candidates (n + 1 interactions),
 *
 *     q(i) ∝ p_s(i) · p_t(i) / p_0(i)
 *
 * Popularity is what both know: it is not taught twice, and where the teacher knows nothing else the student is taught
 * itself, which changes nothing. What the student alone knows stays.
 */
export function residualBeliefs(teacher: Beliefs, student: Beliefs, batch: Batch, { itemCounts }: Statistics): Beliefs {
  const { items, temperature } = teacher;
  const width = items.length;
  const popularity = Float32Array.from(items, (item) => Math.log1p(itemCounts[item] ?? 0));
  const scores = Float32Array.from(teacher.scores, (score, at) =>
    score === -Infinity ? score : score + student.scores[at] - temperature * popularity[at % width],
  );
  return believing(teacher, scores, batch);
}
