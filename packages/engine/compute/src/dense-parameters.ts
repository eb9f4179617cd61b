import * as tf from '@tensorflow/tfjs-core';
import { TandemError, type NamedArray } from '@tandem-rec/contract';

/** Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019); without decay it is Adam. */
export interface AdamW {
  readonly learningRate: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0. */
  readonly weightDecay?: number;
}

/** How dense parameters learn. */
export interface DenseOptions extends AdamW {
  /** Other settings for parameters whose name begins so; the longest prefix that fits wins. */
  readonly groups?: Readonly<Record<string, Partial<AdamW>>>;
  /** Gradients of all parameters together are scaled down to this Euclidean norm. Default: not. */
  readonly clipNorm?: number;
}

/** Named tensors, parameters or inputs of a loss. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** An input of a loss that is no parameter but gets a gradient, such as gathered rows of a shared table. */
export interface DenseInput {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A scalar to minimise, alone or with other scalars to report. */
export type Loss = tf.Scalar | { readonly loss: tf.Scalar; readonly report: Readonly<Record<string, tf.Tensor>> };

/** Computes a loss from parameters and inputs. It runs in a tidy: keep no tensor made in it. */
export type LossFunction = (parameters: Tensors, inputs: Tensors) => Loss;

/** What a step found. */
export interface DenseStep {
  readonly loss: number;
  readonly report: Readonly<Record<string, number>>;
  /** The loss's gradient for every input, in the layout of its data; zeros where the loss does not depend on it. */
  readonly inputGradients: Readonly<Record<string, Float32Array>>;
}

interface Differentiated {
  readonly step: DenseStep;
  /** By parameter; undefined where the loss does not depend on it. */
  readonly gradients: readonly (Float32Array | undefined)[];
}

interface Parameter {
  readonly name: string;
  readonly shape: number[];
  readonly values: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly settings: Required<AdamW>;
  steps: number;
}

/**
 * The dense weights of a participant: plain arrays between steps, tensors during one. Gradients come from
 * TensorFlow.js; AdamW is plain code, so that its state is in the checkpoint and the same on every backend.
 */
export class DenseParameters {
  readonly #options: DenseOptions;
  readonly #parameters: Parameter[] = [];

  constructor(options: DenseOptions) {
    this.#options = options;
  }

  /**
   * Adds a parameter, filled by `initialise` (default: zeros), that learns as the options say or by settings of its own.
   * Throws RangeError if the name is taken.
   */
  declare(
    name: string,
    shape: readonly number[],
    initialise?: (into: Float32Array) => void,
    own: Partial<AdamW> = {},
  ): void {
    if (this.#parameters.some((parameter) => parameter.name === name))
      throw new RangeError(`There is a parameter ${name} already.`);
    const size = shape.reduce((product, dim) => product * dim, 1);
    const values = new Float32Array(size);
    initialise?.(values);
    const { groups = {}, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, learningRate } = this.#options;
    const [group] = Object.keys(groups)
      .filter((prefix) => name.startsWith(prefix))
      .sort((a, b) => b.length - a.length);
    this.#parameters.push({
      name,
      shape: [...shape],
      values,
      first: new Float32Array(size),
      second: new Float32Array(size),
      settings: { learningRate, beta1, beta2, epsilon, weightDecay, ...groups[group], ...own },
      steps: 0,
    });
  }

  /** Names in order of declaration. */
  get names(): readonly string[] {
    return this.#parameters.map(({ name }) => name);
  }

  /** The parameter's live values. Throws RangeError if there is none of this name. */
  get(name: string): Float32Array {
    return this.#find(name).values;
  }

  #find(name: string): Parameter {
    const parameter = this.#parameters.find((candidate) => candidate.name === name);
    if (!parameter) throw new RangeError(`There is no parameter ${name}; there are: ${this.names.join(', ')}.`);
    return parameter;
  }

  /** Computes with the parameters as tensors, everything tidied: return numbers or arrays, or dispose of the tensor returned. */
  run<T extends tf.TensorContainer | void>(compute: (parameters: Tensors) => T): T {
    return tf.tidy(() => compute(this.#tensors())) as T;
  }

  /** The loss, without learning. */
  measure(loss: LossFunction, inputs: Readonly<Record<string, DenseInput>> = {}): Omit<DenseStep, 'inputGradients'> {
    return tf.tidy(() => {
      const value = loss(this.#tensors(), tensorsOf(inputs));
      const { loss: total, report } = value instanceof tf.Tensor ? { loss: value, report: {} } : value;
      return { loss: total.dataSync()[0], report: numbersOf(report) };
    });
  }

  /**
   * One step of AdamW down the gradient of `loss`. Parameters that the loss does not depend on keep still, moments
   * included. `rate` scales the learning rates of this step, for schedules.
   * Throws `TANDEM_NOT_FINITE` if the loss or a gradient is not finite; then nothing has changed.
   */
  step(loss: LossFunction, inputs: Readonly<Record<string, DenseInput>> = {}, rate = 1): DenseStep {
    return this.accumulatedStep([{ loss, inputs }], rate)[0];
  }

  /**
   * One step as in `step`, down the gradient of the sum of several losses. They are differentiated one after the other:
   * a batch that would not fit into memory is cut into parts.
   */
  accumulatedStep(
    parts: readonly { readonly loss: LossFunction; readonly inputs?: Readonly<Record<string, DenseInput>> }[],
    rate = 1,
  ): readonly DenseStep[] {
    const sums: (Float32Array | undefined)[] = this.#parameters.map(() => undefined);
    const steps = parts.map(({ loss, inputs = {} }) => {
      const { step, gradients } = this.#differentiate(loss, inputs);
      for (const [i, gradient] of gradients.entries()) {
        const sum = sums[i];
        // Gradients may share memory: what is added to must be a copy.
        if (!gradient || !sum) sums[i] ??= parts.length > 1 ? gradient?.slice() : gradient;
        else for (let j = 0; j < sum.length; j++) sum[j] += gradient[j];
      }
      return step;
    });
    const scale = this.#clip(sums);
    for (const [i, gradient] of sums.entries()) if (gradient) update(this.#parameters[i], gradient, scale, rate);
    return steps;
  }

  /**
   * One step of AdamW down gradients that were computed elsewhere, by parameter; those left out keep still, and so do
   * the arrays. Throws `TANDEM_NOT_FINITE` as `step` does; RangeError for an unknown parameter.
   */
  descend(gradients: Readonly<Record<string, Float32Array>>, rate = 1): void {
    const scale = this.#clip(Object.values(gradients));
    for (const [name, gradient] of Object.entries(gradients)) update(this.#find(name), gradient, scale, rate);
  }

  /** Forgets what is known of the gradients of a parameter whose values were overwritten. */
  forget(name: string): void {
    const parameter = this.#find(name);
    parameter.first.fill(0);
    parameter.second.fill(0);
    parameter.steps = 0;
  }

  #differentiate(loss: LossFunction, inputs: Readonly<Record<string, DenseInput>>): Differentiated {
    let found: Differentiated | undefined;
    // Nothing is returned from the tidy: it would look for tensors in every element of the arrays.
    tf.tidy(() => {
      const parameters = this.#tensors();
      const given = tensorsOf(inputs);
      let report: Readonly<Record<string, number>> = {};
      const scalar = () => {
        const value = loss(parameters, given);
        if (value instanceof tf.Tensor) return value;
        report = numbersOf(value.report);
        return value.loss;
      };
      const wanted = [...Object.values(parameters), ...Object.values(given)];
      const { value, grads } = tf.engine().gradients(scalar, wanted, undefined, true);
      const total = value.dataSync()[0];
      if (!Number.isFinite(total)) throw new TandemError('TANDEM_NOT_FINITE', `The loss is ${total}.`);
      const gradients = (grads as readonly (tf.Tensor | undefined)[]).map((gradient) =>
        gradient?.dataSync<'float32'>(),
      );
      const inputGradients = Object.fromEntries(
        Object.entries(inputs).map(([name, { data }], i) => [
          name,
          gradients[this.#parameters.length + i]?.slice() ?? new Float32Array(data.length),
        ]),
      );
      const step = { loss: total, report, inputGradients };
      found = { step, gradients: gradients.slice(0, this.#parameters.length) };
    });
    return found!;
  }

  /** What to scale gradients by. Their norm is not finite where one of them is not. */
  #clip(gradients: readonly (Float32Array | undefined)[]): number {
    let square = 0;
    for (const gradient of gradients)
      if (gradient) for (let i = 0; i < gradient.length; i++) square += gradient[i] * gradient[i];
    const norm = Math.sqrt(square);
    if (!Number.isFinite(norm)) throw new TandemError('TANDEM_NOT_FINITE', `The norm of the gradients is ${norm}.`);
    const { clipNorm } = this.#options;
    return clipNorm !== undefined && norm > clipNorm ? clipNorm / norm : 1;
  }

  #tensors(): Tensors {
    return Object.fromEntries(this.#parameters.map(({ name, shape, values }) => [name, tf.tensor(values, shape)]));
  }

  /** Values, moments and step counts; the arrays are the live ones. Names begin with `prefix`. */
  save(prefix = 'dense/'): NamedArray[] {
    return [
      ...this.#parameters.flatMap(({ name, shape, values, first, second }): NamedArray[] => [
        { name: `${prefix}${name}`, shape, owner: 'common', data: values },
        { name: `${prefix}${name}/first-moment`, shape, owner: 'common', data: first },
        { name: `${prefix}${name}/second-moment`, shape, owner: 'common', data: second },
      ]),
      {
        name: `${prefix}steps`,
        shape: [this.#parameters.length],
        owner: 'common',
        data: Int32Array.from(this.#parameters, ({ steps }) => steps),
      },
    ];
  }

  /** The reverse of `save`, after the same declarations. Throws `TANDEM_STATE_MISMATCH`. */
  load(arrays: readonly NamedArray[], prefix = 'dense/'): void {
    const saved = new Map(arrays.map((array) => [array.name, array]));
    const own = this.save(prefix);
    for (const { name, shape, data } of own) {
      const array = saved.get(name);
      if (!array || array.data.constructor !== data.constructor || array.shape.join() !== shape.join())
        throw new TandemError(
          'TANDEM_STATE_MISMATCH',
          `The parameter array ${name} has the shape ${shape.join(' × ')}; saved is ${array ? `one of ${array.shape.join(' × ')}` : 'none'}.`,
        );
    }
    for (const { name, data } of own) (data as Float32Array).set(saved.get(name)!.data as Float32Array);
    const steps = saved.get(`${prefix}steps`)!.data as Int32Array;
    for (const [i, parameter] of this.#parameters.entries()) parameter.steps = steps[i];
  }
}

function tensorsOf(inputs: Readonly<Record<string, DenseInput>>): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
}

function numbersOf(scalars: Readonly<Record<string, tf.Tensor>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(scalars).map(([name, scalar]) => [name, scalar.dataSync()[0]]));
}

function update(parameter: Parameter, gradient: Float32Array, scale: number, rate: number): void {
  const { values, first, second, settings } = parameter;
  const { beta1, beta2, epsilon, weightDecay } = settings;
  const learningRate = settings.learningRate * rate;
  const step = ++parameter.steps;
  const eta = learningRate / (1 - beta1 ** step);
  const root = Math.sqrt(1 - beta2 ** step);
  const keep = 1 - learningRate * weightDecay;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const g = gradient[i] * scale;
    const mean = beta1 * first[i] + (1 - beta1) * g;
    const square = beta2 * second[i] + (1 - beta2) * g * g;
    first[i] = mean;
    second[i] = square;
    values[i] = keep * value - (eta * mean) / (Math.sqrt(square) / root + epsilon);
  }
}
