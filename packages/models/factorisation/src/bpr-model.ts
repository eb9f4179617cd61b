import {
  EMPTY_STATE,
  type Attachment,
  type Batch,
  type Candidates,
  type DomainModel,
  type Environment,
  type FitRun,
  type GrantedTable,
  type Interactions,
  type Lesson,
  type Matrix,
  type PredictionLesson,
  type Rng,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { rankPairs } from '@tandem-rec/compute';
import type { BprOptions } from './bpr.ts';
import { Distillation } from './distillation.ts';
import { DotScores } from './dot-scores.ts';
import { Gathered } from './gathered.ts';
import { fitPairs } from './pairwise-batch.ts';

/** Draws of a negative before a user is taken to have met nearly everything. */
const TRIES = 16;

/**
 * The participant behind `bpr`. For a user u, an item i they met and one j they did not (eq. in section 4.3.1, with bias):
 *
 *     x_uij = ⟨w_u, h_i − h_j⟩ + b_i − b_j
 *     loss  = −ln σ(x_uij) + λ/2 ‖Θ‖²                      (BPR-Opt, section 4.1, as a loss)
 *
 * Gradients of a step are summed over its samples: each sample moves its rows by a full step of `learningRate` as in
 * LearnBPR (figure 4), only that the samples of a batch start from the same rows.
 */
export class BprModel implements DomainModel {
  readonly #options: BprOptions;
  readonly #rng: Rng;
  #userTable!: GrantedTable;
  #itemTable!: GrantedTable;
  #biasTable!: GrantedTable;

  readonly #distillation = new Distillation();
  /** Rows of the batch: one user an event; its item and then its negatives, and behind all events those of lessons. */
  readonly #users = new Gathered();
  readonly #items = new Gathered();
  readonly #biases = new Gathered();
  /** Of a prediction. */
  readonly #asked = new Gathered();
  readonly #scores = new DotScores();

  constructor(options: BprOptions, { rng }: Pick<Environment, 'rng'>) {
    this.#options = options;
    this.#rng = rng;
  }

  attach({ own }: Attachment): void {
    this.#userTable = own['user'];
    this.#itemTable = own['item'];
    this.#biasTable = own['item-bias'];
  }

  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<Step> {
    const taught = lessons.filter((lesson) => lesson.kind === 'predictions');
    const position = dryRun ? this.#rng.save() : undefined;
    this.#sample(batch, taught);
    if (position) this.#rng.load(position);

    let ranking = 0;
    for (let b = 0; b < batch.size; b++)
      for (let draw = 1; draw <= this.#options.negatives; draw++) ranking += this.#descend(b, draw);
    const losses: Record<string, number> = { ranking: ranking / (batch.size * this.#options.negatives) };
    let at = batch.size * (this.#options.negatives + 1);
    for (const lesson of taught) {
      const loss = this.#distillation.descend(lesson, this.#users, this.#items, this.#biases, at) / batch.size;
      losses['distillation'] = (losses['distillation'] ?? 0) + loss;
      at += lesson.candidates.items.length;
    }
    const gathered = [this.#users, this.#items, this.#biases];
    return { losses, rowGradients: dryRun ? [] : gathered.map((rows) => rows.gradients()) };
  }

  /** Single steps in place, each from the rows that the one before left: LearnBPR as published. */
  async fit({ timelines }: Interactions, run: FitRun): Promise<void> {
    const { fit, regularisation } = this.#options;
    const tables = { user: this.#userTable, item: this.#itemTable, itemBias: this.#biasTable };
    await fitPairs(tables, timelines, this.#rng, run, ({ arena, data, rows }) => (epoch) => {
      const rate = fit.learningRate * (fit.decay === 'linear' ? 1 - (epoch - 1) / run.epochs : 1);
      return rankPairs(arena, data, rows, {
        samples: data.items.length,
        byUser: fit.sampling === 'user',
        rate,
        biasRate: fit.bias ? rate : 0,
        regularisation,
      });
    });
  }

  async predict({ size, users }: UserContexts, candidates: Candidates): Promise<Scores> {
    this.#asked.gather(this.#userTable, users.subarray(0, size));
    return this.#scores.score(this.#asked.values, size, candidates, this.#itemTable, { biasTable: this.#biasTable });
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const data = new Float32Array(rows.length * this.#options.dim);
    (side === 'user' ? this.#userTable : this.#itemTable).gather(rows, data);
    return { rows: rows.length, cols: this.#options.dim, data };
  }

  /** Everything it knows is in its tables. */
  save(): State {
    return EMPTY_STATE;
  }

  load(): void {}

  /** Draws the negatives and reads the rows of all samples and lessons. */
  #sample(batch: Batch, lessons: readonly PredictionLesson[]): void {
    const width = this.#options.negatives + 1;
    const samples = batch.size * width;
    const rows = this.#items.reserve(lessons.reduce((sum, { candidates }) => sum + candidates.items.length, samples));
    lessons.reduce((at, { candidates }) => (rows.set(candidates.items, at), at + candidates.items.length), samples);
    for (let b = 0; b < batch.size; b++) {
      rows[b * width] = batch.items[b];
      for (let draw = 1; draw < width; draw++) rows[b * width + draw] = this.#negative(batch, b);
    }
    this.#users.gather(this.#userTable, batch.users.subarray(0, batch.size));
    this.#items.gather(this.#itemTable, rows);
    this.#biases.gather(this.#biasTable, rows);
  }

  /**
   * An item that is not the event's and not in the user's history, each equally likely. Where none turns up it is the
   * event's own item: a sample that teaches nothing.
   */
  #negative({ history, items }: Batch, b: number): number {
    const rows = this.#itemTable.rows;
    const start = history.offsets[b];
    const end = history.offsets[b + 1];
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const item = this.#rng.int(rows);
      let k = start;
      while (k < end && history.items[k] !== item) k++;
      if (k === end && item !== items[b]) return item;
    }
    return items[b];
  }

  /** Adds the gradients of one sample, and returns its loss −ln σ(x). */
  #descend(b: number, draw: number): number {
    const { dim, negatives, regularisation: lambda } = this.#options;
    const w = this.#users.values;
    const dw = this.#users.gradient;
    const h = this.#items.values;
    const dh = this.#items.gradient;
    const bias = this.#biases.values;
    const dBias = this.#biases.gradient;
    const i = b * (negatives + 1);
    const j = i + draw;
    const u = b * dim;
    const hi = i * dim;
    const hj = j * dim;

    let x = bias[i] - bias[j];
    for (let d = 0; d < dim; d++) x += w[u + d] * (h[hi + d] - h[hj + d]);
    // e^−x / (1 + e^−x)
    const slope = 1 / (1 + Math.exp(x));
    for (let d = 0; d < dim; d++) {
      const user = w[u + d];
      const positive = h[hi + d];
      const negative = h[hj + d];
      dw[u + d] -= slope * (positive - negative) - lambda * user;
      dh[hi + d] -= slope * user - lambda * positive;
      dh[hj + d] += slope * user + lambda * negative;
    }
    dBias[i] -= slope - lambda * bias[i];
    dBias[j] += slope + lambda * bias[j];
    return x > 0 ? Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)) - x;
  }
}
