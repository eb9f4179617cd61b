import { topK } from '@tandem-rec/compute';
import type { Beliefs } from '@tandem-rec/exchange';
import type { DistilOptions } from './options.ts';

type Ranking = Extract<DistilOptions['target'], { readonly by: 'ranking' }>;

/**
 * The teacher's ranking as DLLM2Rec (Cui et al., RecSys 2024, arXiv 2405.00338) weighs it. Of the teacher's K best items
 * O, that at place r = 1 … K gets
 *
 *     w^p_r ∝ exp(−r)              by its place,
 *     w^c_i ∝ p_t(i)               by the teacher's confidence,
 *     w^o_i = 1[i in the student's K best]   by consistency,
 *     q(i) ∝ γ_p w^p + γ_c w^c + γ_o w^o     (eq. 6), and 0 outside O;
 *
 * w^p and w^c sum to one over O. Differs from the paper: its teacher generates titles and is the surer the nearer the
 * generated one is to an item (exp(−distance)), ours gives probabilities; its loss is Σ_O q log σ(s), ours the
 * cross-entropy of the whole softmax with q, as of every lesson of predictions. `truth` stays the teacher's.
 */
export function rankingBeliefs(
  teacher: Beliefs,
  student: Beliefs,
  { top, position, confidence, consistency }: Ranking,
): Beliefs {
  const { temperature, truth, items } = teacher;
  const width = items.length;
  const k = Math.min(top, width);
  const scores = new Float32Array(teacher.scores.length).fill(-Infinity);
  const [best, known] = [new Int32Array(k), new Int32Array(k)];
  const values = new Float32Array(k);
  for (let row = 0; row < truth.length; row++) {
    const at = row * width;
    const common = new Set(known.subarray(0, topK(student.scores, at, width, k, undefined, known, values)));
    const count = topK(teacher.scores, at, width, k, undefined, best, values);
    const places = normalised(Array.from({ length: count }, (_, r) => Math.exp(-r - 1)));
    const sure = normalised(Array.from({ length: count }, (_, r) => Math.exp((values[r] - values[0]) / temperature)));
    for (let r = 0; r < count; r++) {
      const w = position * places[r] + confidence * sure[r] + consistency * (common.has(best[r]) ? 1 : 0);
      scores[at + best[r]] = temperature * Math.log(w);
    }
  }
  return { ...teacher, scores };
}

function normalised(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
