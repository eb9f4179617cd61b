import { DenseParameters, Dropout, tf, type LossFunction, type Tensors } from '@tandem-rec/compute';
import type { NamedArray, Rng } from '@tandem-rec/contract';
import { causalBlocks, declareCausalBlocks, type BlockSizes } from './causal-blocks.ts';
import { packedPasts, type Packing } from './packed-pasts.ts';
import type { LearningStep, Pasts, Pooling } from './pooling.ts';

const MASKED = -1e9;

/** What a causal pooling is made of, and how it learns. */
export interface CausalOptions extends BlockSizes {
  readonly window: number;
  /** Share of the elements put to zero in training, of the items that enter and of what each block adds. */
  readonly dropout: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/**
 * A small causal transformer over the last items' vectors; a state is that of the place of the newest item (Kang and McAuley,
 * "Self-attentive sequential recommendation", 2018), with learned positions counted from the oldest item read. The pasts of a run
 * are read as one sequence, so that whole timelines cost little more than one past of each user. Without a past the
 * state is h₀, which is part of all the others.
 */
export class CausalPooling implements Pooling {
  readonly window: number;
  readonly exactRun: number;
  readonly #options: CausalOptions;
  readonly #dense: DenseParameters;

  /** The tensor backend must be open. `heads` must divide `dim`. */
  constructor(options: CausalOptions, rng: Rng) {
    const { dim, window, learningRate, weightDecay } = options;
    this.#options = options;
    this.window = window;
    this.exactRun = window;
    this.#dense = new DenseParameters({ learningRate, weightDecay, beta2: 0.98 });
    this.#dense.declare('positions', [window, dim], (into) => {
      for (let i = 0; i < into.length; i++) into[i] = 0.02 * rng.normal();
    });
    declareCausalBlocks(this.#dense, options, rng);
    this.#dense.declare('h0', [dim]);
  }

  states(pasts: Pasts): Float32Array {
    const packing = packedPasts(pasts, this.window);
    const { dim } = this.#options;
    const x = this.#rows(pasts, packing);
    const states = this.#dense.run((weights) =>
      this.#forward(weights, tf.tensor2d(x, [packing.items.length, dim]), packing),
    );
    const values = states.dataSync<'float32'>().slice();
    states.dispose();
    return values;
  }

  train(
    pasts: Pasts,
    head: (states: Float32Array) => Float32Array,
    dVectors: Float32Array,
    { rate, seed }: LearningStep,
  ): void {
    const packing = packedPasts(pasts, this.window);
    const dropout = new Dropout(this.#options.dropout, seed);
    // The losses are computed outside the tensor library: the tape needs to know their gradient only.
    const outside = tf.customGrad((states) => {
      const { shape } = states as tf.Tensor2D;
      const gradient = head((states as tf.Tensor).dataSync<'float32'>().slice());
      return { value: tf.scalar(0), gradFunc: () => tf.tensor2d(gradient, shape) };
    });
    const loss: LossFunction = (weights, { x }) =>
      outside(this.#forward(weights, x as tf.Tensor2D, packing, dropout)) as tf.Scalar;
    const data = this.#rows(pasts, packing);
    const { dim } = this.#options;
    const { inputGradients } = this.#dense.step(loss, { x: { data, shape: [data.length / dim, dim] } }, rate);
    const dx = inputGradients['x'];
    for (const [place, item] of packing.items.entries())
      if (item >= 0) for (let d = 0; d < dim; d++) dVectors[item * dim + d] += dx[place * dim + d];
  }

  save(): readonly NamedArray[] {
    return this.#dense.save('pooling/');
  }

  load(arrays: readonly NamedArray[]): void {
    this.#dense.load(arrays, 'pooling/');
  }

  /** `size × dim`. */
  #forward(weights: Tensors, x: tf.Tensor2D, packing: Packing, dropout = NOTHING): tf.Tensor2D {
    const { lines, width, ages, states } = packing;
    const positions = tf.gather(weights['positions'], tf.tensor1d(ages, 'int32'));
    const wanted = tf.tensor1d(
      states.map((place) => Math.max(place, 0)),
      'int32',
    );
    const mask = tf.tensor4d(maskOf(packing), [lines, 1, width, width]);
    const h = causalBlocks(
      weights,
      this.#options,
      dropout.apply(tf.add(x, positions)),
      { lines, width, mask, wanted },
      dropout,
    );
    const present = Float32Array.from(states, (place) => (place < 0 ? 0 : 1));
    return tf.add(tf.mul(h, tf.tensor2d(present, [present.length, 1])), weights['h0']);
  }

  /** The vectors of the items at their places, zeros where there is none. */
  #rows({ vectors }: Pasts, { items }: Packing): Float32Array {
    const { dim } = this.#options;
    const rows = new Float32Array(items.length * dim);
    for (const [place, item] of items.entries())
      if (item >= 0)
        for (let d = 0, from = item * dim, to = place * dim; d < dim; d++) rows[to + d] = vectors[from + d];
    return rows;
  }
}

const NOTHING = new Dropout(0, 0);

/** 0 where a place may look: at its own sequence up to itself. */
function maskOf({ lines, width, starts }: Packing): Float32Array {
  const mask = new Float32Array(lines * width * width).fill(MASKED);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < width; i++) {
      const row = (line * width + i) * width;
      mask.fill(0, row + starts[line * width + i] - line * width, row + i + 1);
    }
  return mask;
}
