/** Settings as in Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019). */
interface RowAdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
}

const EPSILON = 1e-8;

/**
 * AdamW of a whole table at the cost of the rows that are touched. In the dense method a row without a gradient still
 * moves by its momentum while its moments fade; here it does so when it is met again, all its k idle steps at once:
 *
 *     m ← β₁ᵏ m,  v ← β₂ᵏ v,  e ← (1 − ηλ)ᵏ e − η m̂ / √v̂ · Σ_{j ≤ k} (β₁ / √β₂)ʲ
 *
 * This is the dense method but for ε and for the bias correction of the idle steps, which is that of the last one.
 */
export class RowAdam {
  readonly #options: RowAdamOptions;
  readonly #dim: number;
  readonly #first: Float32Array;
  readonly #second: Float32Array;
  /** Step up to which each row has moved. */
  readonly #moved: Int32Array;
  /** Place of a row's sum among those of the step, or −1. */
  readonly #slots: Int32Array;
  #step = 0;

  constructor(rows: number, dim: number, options: RowAdamOptions) {
    this.#options = options;
    this.#dim = dim;
    this.#first = new Float32Array(rows * dim);
    this.#second = new Float32Array(rows * dim);
    this.#moved = new Int32Array(rows);
    this.#slots = new Int32Array(rows).fill(-1);
  }

  /** Moves rows (`PAD` and other negative ones are skipped) to where idle steps have brought them. `rate` scales the learning rate. */
  catchUp(E: Float32Array, rows: Int32Array, rate: number): void {
    for (const row of rows) {
      if (row < 0) continue;
      const idle = this.#step - this.#moved[row];
      if (idle > 0) this.#idle(E, row, idle, rate);
      this.#moved[row] = this.#step;
    }
  }

  /** One step down gradients (`rows.length × d`); those of a row that occurs more than once add up. All rows must be caught up. */
  step(E: Float32Array, rows: Int32Array, gradients: Float32Array, rate: number): void {
    const { learningRate, beta1, beta2, weightDecay } = this.#options;
    const dim = this.#dim;
    const { distinct, sums } = this.#sum(rows, gradients);
    const step = ++this.#step;
    const eta = (learningRate * rate) / (1 - beta1 ** step);
    const root = Math.sqrt(1 - beta2 ** step);
    const keep = 1 - learningRate * rate * weightDecay;
    for (const [slot, row] of distinct.entries()) {
      this.#moved[row] = step;
      for (let at = row * dim, from = slot * dim; from < (slot + 1) * dim; at++, from++) {
        const g = sums[from];
        const mean = beta1 * this.#first[at] + (1 - beta1) * g;
        const square = beta2 * this.#second[at] + (1 - beta2) * g * g;
        this.#first[at] = mean;
        this.#second[at] = square;
        E[at] = keep * E[at] - (eta * mean) / (Math.sqrt(square) / root + EPSILON);
      }
    }
  }

  #idle(E: Float32Array, row: number, idle: number, rate: number): void {
    const { learningRate, beta1, beta2, weightDecay } = this.#options;
    const ratio = beta1 / Math.sqrt(beta2);
    const drift = (ratio * (1 - ratio ** idle)) / (1 - ratio);
    const eta = (learningRate * rate * drift) / (1 - beta1 ** this.#step);
    const root = Math.sqrt(1 - beta2 ** this.#step);
    const keep = (1 - learningRate * rate * weightDecay) ** idle;
    const [fade1, fade2] = [beta1 ** idle, beta2 ** idle];
    for (let at = row * this.#dim; at < (row + 1) * this.#dim; at++) {
      const [mean, square] = [this.#first[at], this.#second[at]];
      E[at] = keep * E[at] - (eta * mean) / (Math.sqrt(square) / root + EPSILON);
      this.#first[at] = fade1 * mean;
      this.#second[at] = fade2 * square;
    }
  }

  #sum(
    rows: Int32Array,
    gradients: Float32Array,
  ): { readonly distinct: readonly number[]; readonly sums: Float32Array } {
    const dim = this.#dim;
    const distinct: number[] = [];
    const sums = new Float32Array(rows.length * dim);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (row < 0) continue;
      if (this.#slots[row] < 0) this.#slots[row] = distinct.push(row) - 1;
      for (let d = 0, to = this.#slots[row] * dim, from = i * dim; d < dim; d++) sums[to++] += gradients[from++];
    }
    for (const row of distinct) this.#slots[row] = -1;
    return { distinct, sums };
  }
}
