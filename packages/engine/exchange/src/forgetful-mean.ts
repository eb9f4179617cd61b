/** A mean whose measurements are forgotten over `memory` events, and how sure it is. */
export class ForgetfulMean {
  readonly #memory: number;
  /** n, Σ squared shares, Σ x, Σ x², all decayed. */
  #sums: readonly [number, number, number, number] = [0, 0, 0, 0];

  constructor(memory: number) {
    this.#memory = memory;
  }

  /** Decayed number of measurements. */
  get count(): number {
    return this.#sums[0];
  }

  get mean(): number {
    const [n, , sum] = this.#sums;
    return n > 0 ? sum / n : 0;
  }

  /** How many standard errors the mean is away from zero; 0 where there is nothing. Without any variance, ±Infinity. */
  get certainty(): number {
    const [n, squaredShares, , squares] = this.#sums;
    if (n === 0 || this.mean === 0) return 0;
    const variance = Math.max(squares / n - this.mean ** 2, 0);
    return this.mean / Math.sqrt((variance * squaredShares) / (n * n));
  }

  /** Every `stride`-th value from `from` on; NaN: not measured. `events` have passed. */
  add(values: Float64Array, from: number, stride: number, events: number): void {
    const keep = Math.exp(-events / this.#memory);
    let [n, squaredShares, sum, squares] = this.#sums;
    [n, squaredShares, sum, squares] = [n * keep, squaredShares * keep * keep, sum * keep, squares * keep];
    for (let at = from; at < values.length; at += stride) {
      const value = values[at];
      if (Number.isNaN(value)) continue;
      n++;
      squaredShares++;
      sum += value;
      squares += value * value;
    }
    this.#sums = [n, squaredShares, sum, squares];
  }

  save(): readonly number[] {
    return this.#sums;
  }

  load(sums: readonly number[]): void {
    const [n, squaredShares, sum, squares] = sums;
    this.#sums = [n, squaredShares, sum, squares];
  }
}
