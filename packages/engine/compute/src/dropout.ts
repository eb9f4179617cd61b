import { tf } from './tf.ts';

/** Dropout (Srivastava et al., JMLR 2014), the same on every backend: its masks follow from a seed. */
export class Dropout {
  readonly #rate: number;
  #state: number;

  /** @param seed a whole number; `rate` 0 drops nothing */
  constructor(rate: number, seed: number) {
    this.#rate = rate;
    this.#state = (seed | 0) ^ 0x9e3779b9 || 1;
  }

  /** x with elements put to zero at the rate, and the others scaled up by as much. */
  apply<T extends tf.Tensor>(x: T): T {
    if (this.#rate === 0) return x;
    const mask = new Float32Array(x.size);
    const kept = 1 / (1 - this.#rate);
    const threshold = this.#rate * 4294967296;
    // xorshift32 (Marsaglia, 2003).
    let state = this.#state;
    for (let i = 0; i < mask.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      if (state >>> 0 >= threshold) mask[i] = kept;
    }
    this.#state = state;
    return tf.mul(x, tf.tensor(mask, x.shape)) as T;
  }
}
