import { Dropout, SeededRng, tf, type DenseInput, type Tensors } from '@tandem-rec/compute';
import { savedArray, type NamedArray, type Rng } from '@tandem-rec/contract';
import { placeSoftTokens } from '@tandem-rec/language';
import { gatherRows } from '../items/gather-rows.ts';
import type { LearningStep, NamedPasts, Pooling } from '../pooling/pooling.ts';
import type { Body } from './body.ts';
import type { Layout } from './layout.ts';
import { tokenParts, type TokenPart } from './token-parts.ts';

const EPSILON = 1e-5;
/** Scale of a state's elements at the start: near that of an item vector, so that training begins with flat rankings. */
const INITIAL_SCALE = 0.1;
/** Mean square of an item vector's elements as they begin, and how long it is remembered, over steps. */
const INITIAL_SQUARE = 0.01;
const SQUARE_MEMORY = 0.99;
/** Tokens of a pass that nothing is learned from, as a multiple of those of one that is: it keeps less. */
const READING = 2;

/** What a body pooling is made of. */
export interface BodyPoolingOptions {
  readonly dim: number;
  readonly window: number;
  /** Tokens that are learned from at once. */
  readonly tokens: number;
  /** Share of the elements of soft tokens put to zero in training. */
  readonly dropout: number;
}

/** Gradients of a step are computed with the same chance as its states were. */
interface Chance {
  readonly dropout: Dropout;
  readonly rng: SeededRng | undefined;
}

const CERTAIN: Chance = { dropout: new Dropout(0, 0), rng: undefined };

/**
 * A user's state read by a pretrained transformer: the item vectors x of the past enter as soft tokens
 * `s · (Pᵀ x / rms(x) + p)`, at the scale s of the body's word embeddings, alone or behind the words of their titles; the state
 * is `h₀ + 0.1 · (Wᵀ norm(z) + b)` of the body's last hidden state z at the newest soft token or, without a causal mask, of the
 * mean over all tokens. The soft tokens are those of CoLLM (Zhang et al., 2023); that every position of a sequence learns is
 * SASRec's (Kang and McAuley, 2018). Without a past the state is h₀.
 *
 * Memory is bounded: sequences pass in parts of so many tokens. Where a step takes several, the states come from a first
 * pass without gradients, and each part is passed again for its own (Chen et al., "Training deep nets with sublinear memory
 * cost", 2016).
 */
export class BodyPooling implements Pooling {
  readonly window: number;
  /** What the body reads ends at its context: how far back a past is read depends on what else is in its run. */
  readonly exactRun = 0;
  readonly #body: Body;
  readonly #layout: Layout;
  readonly #options: BodyPoolingOptions;
  /** Mean square of the item vectors' elements as seen while learning; 0: not yet. */
  readonly #square = new Float32Array(1);

  constructor(body: Body, layout: Layout, options: BodyPoolingOptions, rng: Rng) {
    this.#body = body;
    this.#layout = layout;
    this.#options = options;
    this.window = options.window;
    const { dense, model } = body;
    const { dim } = options;
    const normal = (deviation: number) => (into: Float32Array) => {
      for (let i = 0; i < into.length; i++) into[i] = deviation * rng.normal();
    };
    dense.declare('in/P', [dim, model.width], normal(1 / Math.sqrt(dim)));
    dense.declare('in/p', [model.width]);
    dense.declare('out/W', [model.width, dim], normal(1 / Math.sqrt(model.width)));
    dense.declare('out/b', [dim]);
    dense.declare('h0', [dim]);
  }

  states(pasts: NamedPasts): Float32Array {
    const parts = tokenParts(pasts, this.window, this.#layout, READING * this.#options.tokens);
    return this.#statesOf(pasts, parts, () => CERTAIN);
  }

  train(
    pasts: NamedPasts,
    head: (states: Float32Array) => Float32Array,
    dVectors: Float32Array,
    { rate, seed }: LearningStep,
  ): void {
    // A step of rate 0 changes nothing.
    if (rate > 0) this.#observe(pasts.vectors);
    const { dim, tokens, dropout } = this.#options;
    const parts = tokenParts(pasts, this.window, this.#layout, tokens);
    const chance = (p: number): Chance => ({
      dropout: new Dropout(dropout, seed + p),
      rng: new SeededRng(seed, String(p)),
    });
    // A step in one part asks for its gradient on the way; one in several has seen all states before.
    const ahead = parts.length > 1 ? head(this.#statesOf(pasts, parts, chance)) : undefined;
    const steps = this.#body.dense.accumulatedStep(
      parts.map((part, p) => ({
        inputs: { x: this.#softTokens(part, pasts.vectors) },
        loss: (parameters, { x }) => {
          // The losses are computed outside the tensor library: the tape needs to know their gradient only.
          const outside = tf.customGrad((states) => {
            const { shape } = states as tf.Tensor2D;
            const gradient =
              ahead ?? head(placed([part], [(states as tf.Tensor).dataSync<'float32'>()], pasts.size, dim));
            const own = gatherRows(gradient, part.pasts, dim);
            return { value: tf.scalar(0), gradFunc: () => tf.tensor2d(own, shape) };
          });
          return outside(this.#forward(parameters, x as tf.Tensor2D, part, chance(p))) as tf.Scalar;
        },
      })),
      rate,
    );
    for (const [p, { inputGradients }] of steps.entries())
      for (const [i, item] of parts[p].items.entries())
        for (let d = 0; d < dim; d++) dVectors[item * dim + d] += inputGradients['x'][i * dim + d];
  }

  /** What was trained, and nothing of the body that was not. */
  save(): readonly NamedArray[] {
    return [...this.#body.dense.save(PREFIX), { name: SQUARE, shape: [1], owner: 'common', data: this.#square }];
  }

  load(arrays: readonly NamedArray[]): void {
    this.#body.dense.load(arrays, PREFIX);
    this.#square.set(savedArray({ arrays }, SQUARE, Float32Array, [1]));
  }

  #statesOf(pasts: NamedPasts, parts: readonly TokenPart[], chance: (part: number) => Chance): Float32Array {
    const { dense } = this.#body;
    const states = parts.map((part, p) => {
      let found: Float32Array = new Float32Array(0);
      dense.run((parameters) => {
        const { data, shape } = this.#softTokens(part, pasts.vectors);
        const x = tf.tensor2d(data, shape as [number, number]);
        found = this.#forward(parameters, x, part, chance(p)).dataSync<'float32'>().slice();
      });
      return found;
    });
    return placed(parts, states, pasts.size, this.#options.dim);
  }

  /** States of a part's pasts, `pasts.length × dim`. */
  #forward(parameters: Tensors, x: tf.Tensor2D, part: TokenPart, { dropout, rng }: Chance): tf.Tensor2D {
    const empty = part.pasts.length - part.states.length;
    const rows = [
      ...(part.lines > 0 ? [this.#read(parameters, x, part, dropout, rng)] : []),
      ...(empty > 0 ? [tf.zeros<tf.Rank.R2>([empty, this.#options.dim])] : []),
    ];
    return tf.add(rows.length === 1 ? rows[0] : tf.concat(rows), parameters['h0']);
  }

  #read(
    parameters: Tensors,
    x: tf.Tensor2D,
    part: TokenPart,
    dropout: Dropout,
    rng: SeededRng | undefined,
  ): tf.Tensor2D {
    const body = this.#body;
    const { width } = body.model;
    const weights = body.weights(parameters, rng);
    const unit = tf.mul(x, 1 / Math.sqrt(this.#square[0] || INITIAL_SQUARE));
    const projected: tf.Tensor2D = tf.add(tf.matMul(unit, parameters['in/P'] as tf.Tensor2D), parameters['in/p']);
    const soft = dropout.apply<tf.Tensor2D>(tf.mul(projected, body.scale));
    const places = part.starts.length;
    const words = part.ids ? body.model.embed(part.ids, weights) : tf.zeros<tf.Rank.R2>([places, width]);
    const inOrder = places === part.places.length && part.places.every((place, i) => place === i);
    const embeddings = inOrder ? soft : placeSoftTokens(words, soft, part.places);
    const { causal } = this.#layout;
    const z = body.states(embeddings, part, weights, causal);
    const at = tf.tensor1d(part.states, 'int32');
    const read = tf.gather(causal ? z : sums(z, part), at) as tf.Tensor2D;
    const state: tf.Tensor2D = tf.add(
      tf.matMul(normalised(read), parameters['out/W'] as tf.Tensor2D),
      parameters['out/b'],
    );
    return tf.mul(state, INITIAL_SCALE);
  }

  /** The item vectors of a part's soft tokens. */
  #softTokens({ items }: TokenPart, vectors: Float32Array): DenseInput {
    const { dim } = this.#options;
    return { data: gatherRows(vectors, items, dim), shape: [items.length, dim] };
  }

  #observe(vectors: Float32Array): void {
    let square = 0;
    for (let i = 0; i < vectors.length; i++) square += vectors[i] * vectors[i];
    square /= Math.max(1, vectors.length);
    const before = this.#square[0] || square;
    this.#square[0] = SQUARE_MEMORY * before + (1 - SQUARE_MEMORY) * square;
  }
}

const PREFIX = 'body/';
const SQUARE = 'body/square';

/** States of parts in the order of the pasts, `size × dim`. */
function placed(parts: readonly TokenPart[], states: readonly Float32Array[], size: number, dim: number): Float32Array {
  const all = new Float32Array(size * dim);
  for (const [p, { pasts }] of parts.entries())
    for (const [i, past] of pasts.entries()) all.set(states[p].subarray(i * dim, (i + 1) * dim), past * dim);
  return all;
}

/** Each row around its mean, at unit variance. */
function normalised(x: tf.Tensor2D): tf.Tensor2D {
  const { mean, variance } = tf.moments(x, 1, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
}

/** The sum of the states of each sequence's tokens at its first place: a mean, once it is normalised. */
function sums(z: tf.Tensor2D, { starts }: TokenPart): tf.Tensor2D {
  return tf.unsortedSegmentSum(z, tf.tensor1d(starts, 'int32'), starts.length);
}
