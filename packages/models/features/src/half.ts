import type { BankRows } from './bank.ts';
import type { FieldValues } from './field-values.ts';

/**
 * One half of what a factorisation machine sees: the questions of a step, or the items. Each example is worked out once,
 * in however many pairs it stands.
 *
 * Equation (5) of Rendle (2010), Σ_{i<j} ⟨v_i, v_j⟩ x_i x_j = ½ Σ_f [(Σ_i v_if x_i)² − Σ_i v_if² x_i²], falls apart
 * into what is within the question, what is within the item, and the product of their sums: with S = Σ_i v_i x_i,
 *
 *     pairs(question ∪ item) = pairs(question) + pairs(item) + ⟨S_question, S_item⟩
 */
export class Half {
  /** Linear terms Σ w_i x_i and pairs within the half, one sum an example. */
  score = new Float32Array(0);
  /** S, `examples × dim`. */
  sums = new Float32Array(0);
  /** The pooled vector of each field, Σ v_i x_i, `examples × (fields · dim)`. Their sum is S. */
  fields = new Float32Array(0);
  /** Gradients of the loss with respect to the above. */
  dScore = new Float32Array(0);
  dSums = new Float32Array(0);
  dFields = new Float32Array(0);
  readonly #dim: number;

  constructor(dim: number) {
    this.#dim = dim;
  }

  /** Works out every example. `banks`: that of each field. Gradients are zero. */
  forward(values: FieldValues, banks: readonly BankRows[]): void {
    const dim = this.#dim;
    const { size, fields, offsets, rows, x } = values;
    this.#reserve(size, fields);
    for (let e = 0; e < size; e++) {
      let score = 0;
      let squares = 0;
      const S = e * dim;
      for (let f = 0; f < fields; f++) {
        const { w, v } = banks[f];
        const E = (e * fields + f) * dim;
        for (let i = offsets[e * fields + f]; i < offsets[e * fields + f + 1]; i++) {
          score += w[rows[i]] * x[i];
          for (let d = 0, at = rows[i] * dim; d < dim; d++) {
            const part = v[at + d] * x[i];
            this.fields[E + d] += part;
            squares += part * part;
          }
        }
        for (let d = 0; d < dim; d++) this.sums[S + d] += this.fields[E + d];
      }
      for (let d = 0; d < dim; d++) score += (this.sums[S + d] * this.sums[S + d]) / 2;
      this.score[e] = score - squares / 2;
    }
  }

  /**
   * Adds the gradients of the features (Rendle's equation 4), and λ times each feature that stands in an example as often
   * as `uses` says.
   */
  backward(values: FieldValues, banks: readonly BankRows[], lambda: number, uses: Float32Array): void {
    const dim = this.#dim;
    const { size, fields, offsets, rows, x } = values;
    for (let e = 0; e < size; e++) {
      const slope = this.dScore[e];
      const shrink = lambda * uses[e];
      const S = e * dim;
      for (let f = 0; f < fields; f++) {
        const { w, v, dw, dv } = banks[f];
        const E = (e * fields + f) * dim;
        for (let i = offsets[e * fields + f]; i < offsets[e * fields + f + 1]; i++) {
          const row = rows[i];
          const value = x[i];
          dw[row] += slope * value + shrink * w[row];
          for (let d = 0, at = row * dim; d < dim; d++) {
            const factor = v[at + d];
            const within = slope * (this.sums[S + d] - factor * value);
            dv[at + d] += value * (within + this.dSums[S + d] + this.dFields[E + d]) + shrink * factor;
          }
        }
      }
    }
  }

  #reserve(size: number, fields: number): void {
    const dim = this.#dim;
    if (this.score.length < size) {
      this.score = new Float32Array(size);
      this.dScore = new Float32Array(size);
      this.sums = new Float32Array(size * dim);
      this.dSums = new Float32Array(size * dim);
      this.fields = new Float32Array(size * fields * dim);
      this.dFields = new Float32Array(size * fields * dim);
      return;
    }
    this.dScore.fill(0, 0, size);
    this.sums.fill(0, 0, size * dim);
    this.dSums.fill(0, 0, size * dim);
    this.fields.fill(0, 0, size * fields * dim);
    this.dFields.fill(0, 0, size * fields * dim);
  }
}
