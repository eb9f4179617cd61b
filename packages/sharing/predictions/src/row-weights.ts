import { whereTeacherKnowsBetter, type Beliefs } from '@tandem-rec/exchange';
import type { DistilOptions } from './options.ts';

/**
 * How loud each row is taught, λ in the mean of equally good sides. With the mass that teacher and student give the true
 * item y of row b, p_t(y) and p_s(y):
 *
 *     all:     w_b = λ
 *     share:   w_b = 2λ · p_t(y) / (p_t(y) + p_s(y))
 *     better:  w_b = 2λ · 1[p_t(y) > p_s(y)]
 *
 * `share` is our reading of LLMD4Rec's sample-wise weights, for which no code was published. A row whose true item is not
 * among the candidates is not judged, and so not taught, except by `all`.
 */
export function rowWeights(
  rows: DistilOptions['rows'],
  teacher: Beliefs,
  student: Beliefs,
  weight: number,
): Float32Array {
  if (rows === 'all') return new Float32Array(teacher.truth.length).fill(weight);
  if (rows === 'better') return whereTeacherKnowsBetter(teacher, student, 2 * weight);
  return Float32Array.from(teacher.truth, (truth, row) =>
    truth === -Infinity ? 0 : (2 * weight) / (1 + Math.exp(student.truth[row] - truth)),
  );
}
