import { grown, sgemm } from '@tandem-rec/compute';
import type { LessonColumns } from '../losses/distillation-loss.ts';
import type { WrittenWeights, Parameter } from './written-weights.ts';
import { addRows } from './add-rows.ts';
import type { ItemGradients, Items } from './item-vectors.ts';

/** Weight of log popularity at the start. */
const INITIAL_POPULARITY = 0.5;

/** `score(u, i) = h_u · t_i + w · text_i + γ · log popularity_i`. Scores lie in scratch, valid until the next are asked for. */
export class Scorer {
  readonly #dim: number;
  /** Undefined: popularity does not count. */
  readonly #gamma: Parameter | undefined;
  #scores = new Float32Array(0);

  constructor(dim: number, popularity: boolean, optimiser: WrittenWeights, learningRate: number) {
    this.#dim = dim;
    if (popularity) this.#gamma = optimiser.add('popularity:gamma', [1], learningRate, () => INITIAL_POPULARITY);
  }

  /** Of states H (`size × dim`) and the first `columns` items, `size × columns`, by one product. */
  all(H: Float32Array, size: number, items: Items, columns: number): Float32Array {
    const scores = this.#room(size * columns);
    const bias = this.#biases(items, columns);
    for (let b = 0; b < size; b++) scores.set(bias, b * columns);
    sgemm({ transB: true }, size, columns, this.#dim, 1, H, items.vectors, 1, scores);
    return scores;
  }

  /** Of states and the items listed for each, which are among the first `distinct`, in the list's layout. */
  listed(
    H: Float32Array,
    size: number,
    items: Items,
    distinct: number,
    { columns, offsets }: LessonColumns,
  ): Float32Array {
    const dim = this.#dim;
    const bias = this.#biases(items, distinct);
    const scores = this.#room(offsets ? columns.length : size * columns.length);
    let to = 0;
    for (let b = 0; b < size; b++) {
      const [from, end] = offsets ? [offsets[b], offsets[b + 1]] : [0, columns.length];
      for (let i = from; i < end; i++) {
        const at = columns[i] * dim;
        let sum = bias[columns[i]];
        for (let d = 0; d < dim; d++) sum += H[b * dim + d] * items.vectors[at + d];
        scores[to++] = sum;
      }
    }
    return scores.subarray(0, to);
  }

  /** From the gradient for `all`'s scores to that for the states, which it returns, those for the items and that of γ. */
  backward(
    dZ: Float32Array,
    H: Float32Array,
    size: number,
    { vectors, logs }: Items,
    columns: number,
    gradients: ItemGradients,
  ): Float32Array {
    const dim = this.#dim;
    const dH = new Float32Array(size * dim);
    sgemm({}, size, dim, columns, 1, dZ, vectors, 0, dH);
    sgemm({ transA: true }, columns, dim, size, 1, dZ, H, 0, gradients.vectors);
    const { biases } = gradients;
    addRows(dZ, size, columns, biases);
    if (this.#gamma) {
      let dGamma = 0;
      for (let c = 0; c < columns; c++) dGamma += biases[c] * logs[c];
      this.#gamma.gradient[0] = dGamma;
    }
    return dH;
  }

  #biases({ biases, logs }: Items, columns: number): Float32Array {
    const gamma = this.#gamma?.value[0] ?? 0;
    return Float32Array.from({ length: columns }, (_, c) => biases[c] + gamma * logs[c]);
  }

  #room(length: number): Float32Array {
    this.#scores = grown(this.#scores, length);
    return this.#scores.subarray(0, length);
  }
}
