import { TandemError, type NamedArray } from '@tandem-rec/contract';

/** A dense weight with the gradient of the step under way. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: Float32Array;
  /** Whoever computes a gradient adds to it; `step` clears it. */
  readonly gradient: Float32Array;
}

interface Trained extends Parameter {
  readonly learningRate: number;
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;

/** Dense weights whose gradients are written by hand, moved by AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019). */
export class AdamW {
  readonly #weightDecay: number;
  readonly #parameters = new Map<string, Trained>();
  #steps = 0;

  constructor(weightDecay: number) {
    this.#weightDecay = weightDecay;
  }

  /** Adds a weight; `initial` gives its elements in order. */
  add(name: string, shape: readonly number[], learningRate: number, initial: (i: number) => number): Parameter {
    const length = shape.reduce((product, side) => product * side, 1);
    const zeros = (): Float32Array => new Float32Array(length);
    const parameter: Trained = {
      name,
      shape,
      learningRate,
      value: Float32Array.from({ length }, (_, i) => initial(i)),
      gradient: zeros(),
      mean: zeros(),
      square: zeros(),
    };
    this.#parameters.set(name, parameter);
    return parameter;
  }

  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  /** Moves every weight along its gradient and clears the gradients; `rate` is a factor of the learning rates. */
  step(rate = 1): void {
    this.#steps++;
    const correction1 = 1 - BETA1 ** this.#steps;
    const correction2 = 1 - BETA2 ** this.#steps;
    for (const { value, gradient, mean, square, learningRate } of this.#parameters.values()) {
      const eta = rate * learningRate;
      const decay = 1 - eta * this.#weightDecay;
      for (let i = 0; i < value.length; i++) {
        mean[i] = BETA1 * mean[i] + (1 - BETA1) * gradient[i];
        square[i] = BETA2 * square[i] + (1 - BETA2) * gradient[i] * gradient[i];
        value[i] = decay * value[i] - (eta * (mean[i] / correction1)) / (Math.sqrt(square[i] / correction2) + EPSILON);
      }
      gradient.fill(0);
    }
  }

  /** Forgets what is known of the gradients of a weight that was overwritten. */
  forget({ name }: Parameter): void {
    const { mean, square } = this.#parameters.get(name) as Trained;
    mean.fill(0);
    square.fill(0);
  }

  get steps(): number {
    return this.#steps;
  }

  save(): NamedArray[] {
    return [...this.#parameters.values()].flatMap(({ name, shape, value, mean, square }) => [
      { name, shape, owner: 'common' as const, data: value },
      { name: `${name}:mean`, shape, owner: 'common' as const, data: mean },
      { name: `${name}:square`, shape, owner: 'common' as const, data: square },
    ]);
  }

  /** The reverse of `save`. Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[], steps: number): void {
    for (const { name, shape, value, mean, square, gradient } of this.#parameters.values()) {
      value.set(savedFloats(arrays, name, shape));
      mean.set(savedFloats(arrays, `${name}:mean`, shape));
      square.set(savedFloats(arrays, `${name}:square`, shape));
      gradient.fill(0);
    }
    this.#steps = steps;
  }
}

/** The array of that name in a saved state. Throws `TANDEM_STATE_MISMATCH` if it is missing or has another shape (−1: any length). */
export function savedFloats(arrays: readonly NamedArray[], name: string, shape: readonly number[]): Float32Array {
  const array = arrays.find((candidate) => candidate.name === name);
  if (
    !array ||
    !(array.data instanceof Float32Array) ||
    array.shape.length !== shape.length ||
    shape.some((side, i) => side !== -1 && side !== array.shape[i])
  )
    throw new TandemError(
      'TANDEM_STATE_MISMATCH',
      `The model has ${name} as ${shape.join(' × ')}; ${array ? `saved is ${array.shape.join(' × ')}` : 'it is not in the saved state'}.`,
    );
  return array.data;
}
