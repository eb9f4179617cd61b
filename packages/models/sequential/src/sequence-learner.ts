import { DenseParameters, Dropout, tf, type DenseInput, type Loss, type Tensors } from '@tandem-rec/compute';
import type { Rng, Rows } from '@tandem-rec/contract';
import { distillationLoss } from './distillation-loss.ts';
import type { Lecture } from './lecture.ts';
import { padded, type SequenceBatch } from './sequence-batch.ts';
import type { EncoderFactory, SequenceEncoder } from './sequence-encoder.ts';
import { BETA1, BETA2, type SequenceOptions } from './sequence-options.ts';
import { softmaxLoss } from './softmax-loss.ts';
import type { Reading } from './user-states.ts';

/** Item rows as a step reads them; negative ones are zeros. */
export interface ItemRows {
  gather(rows: Rows, into: Float32Array): void;
}

/** What a step found, with the gradients of item rows; a row may occur more than once, and negative ones mean nothing. */
export interface LearnedStep {
  readonly losses: Readonly<Record<string, number>>;
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** The network with its weights: losses and steps, given item rows. */
export class SequenceLearner {
  readonly dense: DenseParameters;
  readonly #encoder: SequenceEncoder;
  readonly #options: SequenceOptions;

  constructor(options: SequenceOptions, encoder: EncoderFactory, rng: Rng) {
    const { learningRate, weightDecay } = options;
    this.dense = new DenseParameters({ learningRate, weightDecay, beta1: BETA1, beta2: BETA2 });
    this.#options = options;
    this.#encoder = encoder(this.dense, rng);
  }

  /** One step; `rate` scales the learning rate, `seed` decides what is dropped. */
  step(lecture: Lecture, items: ItemRows, rate: number, seed: number): LearnedStep {
    const inputs = this.#inputs(lecture, items);
    const dropout = new Dropout(this.#options.dropout, seed);
    const named = tensorsOf(inputs);
    const { report, inputGradients } = this.dense.step(
      (weights, tensors) => this.#loss(lecture, inputs, dropout, weights, tensors),
      named,
      rate,
    );
    return { losses: report, ...rowGradients(inputs, inputGradients, this.#options.dim) };
  }

  /** The losses of a step that drops nothing and changes nothing. */
  measure(lecture: Lecture, items: ItemRows): Readonly<Record<string, number>> {
    const inputs = this.#inputs(lecture, items);
    const nothing = new Dropout(0, 0);
    return this.dense.measure(
      (weights, tensors) => this.#loss(lecture, inputs, nothing, weights, tensors),
      tensorsOf(inputs),
    ).report;
  }

  /** The states that rows ask for, in the order of readings and their rows, `d` wide. */
  states(readings: readonly Reading[], items: ItemRows): Float32Array {
    const batch = padded(readings.map(({ tokens }) => tokens));
    const places = readings.flatMap(({ rows }, i) => rows.map(({ token }) => i * batch.length + token));
    const { data, shape } = this.#gathered(batch.tokens, items).input;
    const asked = this.dense.run((weights) =>
      this.#at(Int32Array.from(places), weights, tf.tensor(data, [...shape]), batch, new Dropout(0, 0)),
    );
    const states = asked.dataSync<'float32'>().slice();
    asked.dispose();
    return states;
  }

  #loss(
    { competition, lessons, asked }: Lecture,
    inputs: Inputs,
    dropout: Dropout,
    weights: Tensors,
    tensors: Tensors,
  ): Loss {
    const { batch, places, answers } = inputs;
    const h = this.#at(places, weights, tensors['tokens'], batch, dropout);
    const ranking = softmaxLoss(h, tensors['competitors'] as tf.Tensor2D, competition.columns, competition.logQ);
    if (lessons.length === 0) return { loss: ranking, report: { ranking } };
    const answering =
      answers instanceof Int32Array
        ? (tf.gather(h, tf.tensor1d(answers, 'int32')) as tf.Tensor2D)
        : this.#at(lastOf(answers), weights, tensors['queries'], answers, dropout);
    const distillation = tf.addN(
      lessons.map((lesson, i) => distillationLoss(lesson, answering, tensors[`candidates${i}`] as tf.Tensor2D, asked)),
    ) as tf.Scalar;
    return { loss: tf.add(ranking, distillation) as tf.Scalar, report: { ranking, distillation } };
  }

  /** States at places among all `B · L`. */
  #at(places: Int32Array, weights: Tensors, tokens: tf.Tensor, batch: SequenceBatch, dropout: Dropout): tf.Tensor2D {
    const { size, length } = batch;
    const { dim } = this.#options;
    const x: tf.Tensor3D = tf.reshape(tokens, [size, length, dim]);
    if (this.#encoder.encodeAt) return this.#encoder.encodeAt(places, weights, x, batch, dropout);
    const states = tf.reshape(this.#encoder.encode(weights, x, batch, dropout), [size * length, dim]);
    return tf.gather(states, tf.tensor1d(places, 'int32')) as tf.Tensor2D;
  }

  #inputs({ examples, competition, lessons, answers }: Lecture, items: ItemRows): Inputs {
    const batch = padded(examples.map(({ tokens }) => tokens));
    const places = examples.flatMap(({ targets }, b) =>
      [...targets.keys()].filter((t) => targets[t] >= 0).map((t) => b * batch.length + t),
    );
    const asked = new Map(places.map((place, i) => [place, i]));
    const answering =
      answers.kind === 'queries'
        ? padded(answers.queries)
        : Int32Array.from(answers.places, ({ example, token }) => asked.get(example * batch.length + token)!);
    return {
      batch,
      places: Int32Array.from(places),
      answers: answering,
      gathered: {
        tokens: this.#gathered(batch.tokens, items),
        competitors: this.#gathered(competition.rows, items),
        ...(answering instanceof Int32Array || lessons.length === 0
          ? {}
          : { queries: this.#gathered(answering.tokens, items) }),
        ...Object.fromEntries(
          lessons.map(({ candidates }, i) => [`candidates${i}`, this.#gathered(candidates.items, items)]),
        ),
      },
    };
  }

  #gathered(rows: Rows, items: ItemRows): Gathered {
    const { dim } = this.#options;
    const data = new Float32Array(rows.length * dim);
    items.gather(
      rows.map((row) => Math.max(row, -1)),
      data,
    );
    return { rows, input: { data, shape: [rows.length, dim] } };
  }
}

interface Gathered {
  readonly rows: Rows;
  readonly input: DenseInput;
}

interface Inputs {
  readonly batch: SequenceBatch;
  /** Positions with a target, among all `B · L`. */
  readonly places: Int32Array;
  /** Which of those states answer for rows of lessons, or the queries whose last states do. */
  readonly answers: Int32Array | SequenceBatch;
  readonly gathered: Readonly<Record<string, Gathered>>;
}

/** The last token of each sequence, among all `B · L`. */
const lastOf = ({ length, lengths }: SequenceBatch): Int32Array => lengths.map((own, b) => b * length + own - 1);

const tensorsOf = ({ gathered }: Inputs): Readonly<Record<string, DenseInput>> =>
  Object.fromEntries(Object.entries(gathered).map(([name, { input }]) => [name, input]));

function rowGradients(
  { gathered }: Inputs,
  gradients: Readonly<Record<string, Float32Array>>,
  dim: number,
): Pick<LearnedStep, 'rows' | 'values'> {
  const all = Object.entries(gathered);
  const count = all.reduce((sum, [, { rows }]) => sum + rows.filter((row) => row >= 0).length, 0);
  const rows = new Int32Array(count);
  const values = new Float32Array(count * dim);
  let at = 0;
  for (const [name, one] of all)
    for (const [i, row] of one.rows.entries()) {
      if (row < 0) continue;
      values.set(gradients[name].subarray(i * dim, (i + 1) * dim), at * dim);
      rows[at++] = row;
    }
  return { rows, values };
}
