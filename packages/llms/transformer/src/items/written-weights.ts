import { DenseParameters } from '@tandem-rec/compute';
import type { NamedArray } from '@tandem-rec/contract';

/** A dense weight with the gradient of the step under way. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: Float32Array;
  /** Whoever computes a gradient adds to it; `step` clears it. */
  readonly gradient: Float32Array;
}

/** Dense weights whose gradients are written by hand, moved by AdamW. */
export class WrittenWeights {
  readonly #dense: DenseParameters;
  readonly #gradients: Record<string, Float32Array> = {};

  constructor(weightDecay: number) {
    this.#dense = new DenseParameters({ learningRate: 0, beta2: 0.99, weightDecay });
  }

  /** Adds a weight; `initial` gives its elements in order. */
  add(name: string, shape: readonly number[], learningRate: number, initial: (i: number) => number): Parameter {
    const fill = (into: Float32Array): void => into.forEach((_, i) => (into[i] = initial(i)));
    this.#dense.declare(name, shape, fill, { learningRate });
    const value = this.#dense.get(name);
    const gradient = (this.#gradients[name] = new Float32Array(value.length));
    return { name, shape, value, gradient };
  }

  /** Moves every weight along its gradient and clears the gradients; `rate` is a factor of the learning rates. */
  step(rate: number): void {
    this.#dense.descend(this.#gradients, rate);
    for (const gradient of Object.values(this.#gradients)) gradient.fill(0);
  }

  /** Forgets what is known of the gradients of a weight that was overwritten. */
  forget({ name }: Parameter): void {
    this.#dense.forget(name);
  }

  save(): NamedArray[] {
    return this.#dense.save();
  }

  /** The reverse of `save`. Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[]): void {
    this.#dense.load(arrays);
    for (const gradient of Object.values(this.#gradients)) gradient.fill(0);
  }
}
