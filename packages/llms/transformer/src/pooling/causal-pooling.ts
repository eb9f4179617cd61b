import { DenseParameters, tf, type DenseInput, type LossFunction } from '@tandem-rec/compute';
import type { NamedArray, Rng } from '@tandem-rec/contract';
import type { Pasts, Pooling } from './pooling.ts';

const LAYERS = 2;
const HEADS = 2;
const EPSILON = 1e-5;
/** Scale of a state's elements at the start: near that of an item vector, so that training begins with flat rankings. */
const INITIAL_SCALE = 0.1;
const MASKED = -1e9;

type Weights = Parameters<LossFunction>[0];

/** A batch of pasts side by side: oldest first, padded on the left to the longest of them. */
interface Padded {
  readonly size: number;
  readonly length: number;
  /** `size · length × dim`. */
  readonly x: DenseInput;
  /** `size × 1 × length × length`: 0 where a position may look, else −10⁹. */
  readonly mask: Float32Array;
  /** `size`: 1 where there is a past. */
  readonly present: Float32Array;
}

/**
 * A small causal transformer over the last items' vectors; the state is that of the newest position (Kang and McAuley,
 * "Self-attentive sequential recommendation", 2018): two layers of two heads with normalisation in front of each
 * (Xiong et al., "On layer normalization in the transformer architecture", 2020), learned positions counted from the
 * newest item. Only the newest position of the last layer is computed. Without a past the state is h₀.
 */
export class CausalPooling implements Pooling {
  readonly window: number;
  readonly #dim: number;
  readonly #dense: DenseParameters;

  /** The tensor backend must be open. `dim` must be even: there are two heads. */
  constructor(dim: number, window: number, learningRate: number, weightDecay: number, rng: Rng) {
    this.#dim = dim;
    this.window = window;
    this.#dense = new DenseParameters({ learningRate, weightDecay, beta2: 0.99 });
    const normal = (deviation: number) => (into: Float32Array) => {
      for (let i = 0; i < into.length; i++) into[i] = deviation * rng.normal();
    };
    const dense = this.#dense;
    const matrix = (name: string, inputs: number, outputs: number): void =>
      dense.declare(name, [inputs, outputs], normal(1 / Math.sqrt(inputs)));
    const norm = (name: string, scale: number): void => {
      dense.declare(`${name}/scale`, [dim], (into) => into.fill(scale));
      dense.declare(`${name}/shift`, [dim]);
    };
    dense.declare('positions', [window, dim], normal(0.02));
    for (let l = 0; l < LAYERS; l++) {
      norm(`${l}/attention`, 1);
      for (const part of ['query', 'key', 'value', 'output']) matrix(`${l}/${part}`, dim, dim);
      norm(`${l}/feed`, 1);
      matrix(`${l}/up`, dim, 2 * dim);
      dense.declare(`${l}/up/bias`, [2 * dim]);
      matrix(`${l}/down`, 2 * dim, dim);
    }
    norm('state', INITIAL_SCALE);
    dense.declare('h0', [dim]);
  }

  states(pasts: Pasts): Float32Array {
    const padded = this.#pad(pasts);
    return this.#dense.run((parameters) => {
      const { data, shape } = padded.x;
      return this.#forward(parameters, tf.tensor2d(data, shape as [number, number]), padded)
        .dataSync<'float32'>()
        .slice();
    });
  }

  train(pasts: Pasts, head: (states: Float32Array) => Float32Array, dVectors: Float32Array): void {
    const padded = this.#pad(pasts);
    const shape: [number, number] = [pasts.size, this.#dim];
    // The losses are computed outside the tensor library: the tape needs to know their gradient only.
    const outside = tf.customGrad((states) => {
      const gradient = head((states as tf.Tensor).dataSync<'float32'>().slice());
      return { value: tf.scalar(0), gradFunc: () => tf.tensor2d(gradient, shape) };
    });
    const loss: LossFunction = (parameters, { x }) =>
      outside(this.#forward(parameters, x as tf.Tensor2D, padded)) as tf.Scalar;
    const { inputGradients } = this.#dense.step(loss, { x: padded.x });
    this.#eachItem(pasts, padded.length, (item, at) => {
      for (let d = 0; d < this.#dim; d++) dVectors[item + d] += inputGradients['x'][at + d];
    });
  }

  save(): readonly NamedArray[] {
    return this.#dense.save('pooling/');
  }

  load(arrays: readonly NamedArray[]): void {
    this.#dense.load(arrays, 'pooling/');
  }

  /** `size × dim`. */
  #forward(parameters: Weights, x: tf.Tensor2D, { size, length, mask, present }: Padded): tf.Tensor2D {
    const dim = this.#dim;
    const positions = tf.reverse(tf.slice(parameters['positions'], [0, 0], [length, dim]), 0);
    const looks = tf.tensor4d(mask, [size, 1, length, length]);
    let h: tf.Tensor = tf.reshape(tf.add(tf.reshape(x, [size, length, dim]), positions), [size * length, dim]);
    for (let l = 0; l < LAYERS; l++) {
      const last = l === LAYERS - 1;
      const queries = last ? 1 : length;
      const n = normalise(parameters, `${l}/attention`, h);
      const newest = (rows: tf.Tensor): tf.Tensor =>
        last
          ? tf.reshape(tf.slice(tf.reshape(rows, [size, length, dim]), [0, length - 1, 0], [size, 1, dim]), [size, dim])
          : rows;
      const heads = (rows: tf.Tensor, name: string, count: number): tf.Tensor =>
        tf.transpose(
          tf.reshape(tf.matMul(rows as tf.Tensor2D, parameters[`${l}/${name}`] as tf.Tensor2D), [
            size,
            count,
            HEADS,
            dim / HEADS,
          ]),
          [0, 2, 1, 3],
        );
      const query = heads(newest(n), 'query', queries);
      const scores = tf.mul(tf.matMul(query, heads(n, 'key', length), false, true), 1 / Math.sqrt(dim / HEADS));
      const seen = tf.slice(looks, [0, 0, length - queries, 0], [size, 1, queries, length]);
      const mixed = tf.matMul(tf.softmax(tf.add(scores, seen)), heads(n, 'value', length));
      const context = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [size * queries, dim]);
      h = tf.add(newest(h), tf.matMul(context as tf.Tensor2D, parameters[`${l}/output`] as tf.Tensor2D));
      const up = tf.matMul(normalise(parameters, `${l}/feed`, h) as tf.Tensor2D, parameters[`${l}/up`] as tf.Tensor2D);
      h = tf.add(
        h,
        tf.matMul(
          tf.relu(tf.add(up, parameters[`${l}/up/bias`])) as tf.Tensor2D,
          parameters[`${l}/down`] as tf.Tensor2D,
        ),
      );
    }
    const state = tf.mul(normalise(parameters, 'state', h), tf.tensor2d(present, [size, 1]));
    return tf.add(state, parameters['h0']);
  }

  #pad(pasts: Pasts): Padded {
    const { size, offsets, vectors } = pasts;
    const dim = this.#dim;
    let length = 1;
    for (let b = 0; b < size; b++) length = Math.max(length, offsets[b + 1] - offsets[b]);
    const data = new Float32Array(size * length * dim);
    this.#eachItem(pasts, length, (item, at) => {
      for (let d = 0; d < dim; d++) data[at + d] = vectors[item + d];
    });
    const mask = new Float32Array(size * length * length);
    const present = new Float32Array(size);
    for (let b = 0; b < size; b++) {
      const first = length - (offsets[b + 1] - offsets[b]);
      present[b] = first < length ? 1 : 0;
      // A position of the padding looks at itself: its state is never used, and its softmax stays finite.
      for (let i = 0; i < length; i++)
        for (let j = 0; j < length; j++)
          if (j > i || (j < first && j !== i)) mask[(b * length + i) * length + j] = MASKED;
    }
    return { size, length, x: { data, shape: [size * length, dim] }, mask, present };
  }

  /** For each item of each past where its vector starts in `vectors` and in the padded matrix. */
  #eachItem({ size, offsets, items }: Pasts, length: number, visit: (item: number, at: number) => void): void {
    for (let b = 0; b < size; b++)
      for (let k = 0; k < offsets[b + 1] - offsets[b]; k++)
        visit(items[offsets[b] + k] * this.#dim, (b * length + length - 1 - k) * this.#dim);
  }
}

/** Layer normalisation of rows (Ba et al., 2016). */
function normalise(parameters: Weights, name: string, x: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, 1, true);
  const unit = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(unit, parameters[`${name}/scale`]), parameters[`${name}/shift`]);
}
