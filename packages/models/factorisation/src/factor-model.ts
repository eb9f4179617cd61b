import {
  EMPTY_STATE,
  type Attachment,
  type Batch,
  type Candidates,
  type DomainModel,
  type Environment,
  type FitRun,
  type Interactions,
  type LearnOptions,
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
import { grown } from '@tandem-rec/compute';
import { Distillation } from './distillation.ts';
import { DotScores } from './dot-scores.ts';
import { Gathered } from './gathered.ts';
import type { PairRule } from './pair-rule.ts';
import { fitPairs, type FactorTables } from './pairwise-batch.ts';

/**
 * The participant behind the pairwise methods: rows of users and items and biases of items that learn from samples of a
 * met and an unmet item, x_uij = ⟨w_u, h_i − h_j⟩ + b_i − b_j, as a `PairRule` says, and from lessons.
 */
export class FactorModel implements DomainModel {
  readonly #dim: number;
  readonly #rule: PairRule;
  readonly #rng: Rng;
  #tables!: FactorTables;

  readonly #distillation = new Distillation();
  /** Rows of the batch: one user an event; its item and then its negatives, and behind all events those of lessons. */
  readonly #users = new Gathered();
  readonly #items = new Gathered();
  readonly #biases = new Gathered();
  #drawn = new Int32Array(0);
  /** Of a prediction. */
  readonly #asked = new Gathered();
  readonly #scores = new DotScores();

  constructor({ dim }: { readonly dim: number }, rule: PairRule, { rng }: Pick<Environment, 'rng'>) {
    this.#dim = dim;
    this.#rule = rule;
    this.#rng = rng;
  }

  attach({ own }: Attachment): void {
    this.#tables = { user: own['user'], item: own['item'], itemBias: own['item-bias'] };
  }

  async learn(batch: Batch, lessons: readonly Lesson[], { dryRun = false }: LearnOptions = {}): Promise<Step> {
    const taught = lessons.filter((lesson) => lesson.kind === 'predictions');
    const position = dryRun ? this.#rng.save() : undefined;
    this.#sample(batch, taught);
    if (position) this.#rng.load(position);

    const { negatives } = this.#rule;
    let ranking = 0;
    for (let sample = 0; sample < batch.size * negatives; sample++) ranking += this.#descend(sample);
    const losses: Record<string, number> = { ranking: ranking / (batch.size * negatives) };
    let at = batch.size * (negatives + 1);
    for (const lesson of taught) {
      const loss = this.#distillation.descend(lesson, this.#users, this.#items, this.#biases, at) / batch.size;
      losses['distillation'] = (losses['distillation'] ?? 0) + loss;
      at += lesson.candidates.items.length;
    }
    const gathered = [this.#users, this.#items, this.#biases];
    return { losses, rowGradients: dryRun ? [] : gathered.map((rows) => rows.gradients()) };
  }

  async fit({ timelines }: Interactions, run: FitRun): Promise<void> {
    await fitPairs(this.#tables, timelines, this.#rng, run, (setting) => this.#rule.begin(setting, run, this.#rng));
  }

  async predict({ size, users }: UserContexts, candidates: Candidates): Promise<Scores> {
    this.#asked.gather(this.#tables.user, users.subarray(0, size));
    return this.#scores.score(this.#asked.values, size, candidates, this.#tables.item, {
      biasTable: this.#tables.itemBias,
    });
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const data = new Float32Array(rows.length * this.#dim);
    (side === 'user' ? this.#tables.user : this.#tables.item).gather(rows, data);
    return { rows: rows.length, cols: this.#dim, data };
  }

  /** Everything it knows is in its tables. */
  save(): State {
    return EMPTY_STATE;
  }

  load(): void {}

  /** Draws the negatives and reads the rows of all samples and lessons. */
  #sample(batch: Batch, lessons: readonly PredictionLesson[]): void {
    const { negatives } = this.#rule;
    const width = negatives + 1;
    const samples = batch.size * width;
    const rows = this.#items.reserve(lessons.reduce((sum, { candidates }) => sum + candidates.items.length, samples));
    lessons.reduce((at, { candidates }) => (rows.set(candidates.items, at), at + candidates.items.length), samples);
    this.#drawn = grown(this.#drawn, batch.size * negatives);
    this.#rule.draw(batch, this.#tables, this.#rng, this.#drawn);
    for (let b = 0; b < batch.size; b++) {
      rows[b * width] = batch.items[b];
      for (let draw = 0; draw < negatives; draw++) rows[b * width + draw + 1] = this.#drawn[b * negatives + draw];
    }
    this.#users.gather(this.#tables.user, batch.users.subarray(0, batch.size));
    this.#items.gather(this.#tables.item, rows);
    this.#biases.gather(this.#tables.itemBias, rows);
  }

  /** Adds the gradients of one sample, and returns its loss. */
  #descend(sample: number): number {
    const dim = this.#dim;
    const { negatives, regularisation: lambda } = this.#rule;
    const b = Math.floor(sample / negatives);
    const w = this.#users.values;
    const dw = this.#users.gradient;
    const h = this.#items.values;
    const dh = this.#items.gradient;
    const bias = this.#biases.values;
    const dBias = this.#biases.gradient;
    const i = b * (negatives + 1);
    const j = i + 1 + (sample % negatives);
    const u = b * dim;
    const hi = i * dim;
    const hj = j * dim;

    let x = bias[i] - bias[j];
    for (let d = 0; d < dim; d++) x += w[u + d] * (h[hi + d] - h[hj + d]);
    const slope = this.#rule.slope(x, sample);
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
    return this.#rule.loss(x, sample);
  }
}
