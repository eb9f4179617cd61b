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
  type LearnOptions,
  type Lesson,
  type Matrix,
  type Rng,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Statistics,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { Arena, rescaleRows } from '@tandem-rec/compute';
import { DotScores } from './dot-scores.ts';
import { drawMixed } from './mixed-negatives.ts';
import { narrowed, paddedWidth, readPadded } from './padded.ts';
import { fitSoftmax } from './softmax-batch.ts';
import { SoftmaxLoss } from './softmax-loss.ts';
import type { SoftmaxMfOptions } from './softmax-mf.ts';
import { rankForUnknown } from './unknown-users.ts';

/** The participant behind `softmaxMf`. The maths is in `SoftmaxLoss`, training at rest in `fitSoftmax`. */
export class SoftmaxModel implements DomainModel {
  readonly #options: SoftmaxMfOptions;
  readonly #rng: Rng;
  readonly #arena = new Arena();
  readonly #scores = new DotScores();
  #tables!: { readonly user: GrantedTable; readonly item: GrantedTable };
  #statistics!: Statistics;

  constructor(options: SoftmaxMfOptions, { rng }: Pick<Environment, 'rng'>) {
    this.#options = options;
    this.#rng = rng;
  }

  attach({ own, statistics }: Attachment): void {
    this.#tables = { user: own['user'], item: own['item'] };
    this.#statistics = statistics;
  }

  async fit({ timelines }: Interactions, run: FitRun): Promise<void> {
    await fitSoftmax(this.#tables, timelines, this.#options, this.#rng, run);
  }

  /** The loss of the batch's pairs against one sample; each sample counts as a step of its own, as in `FactorModel`. */
  async learn(batch: Batch, _lessons: readonly Lesson[], { dryRun = false }: LearnOptions = {}): Promise<Step> {
    const { dim } = this.#options;
    const { size } = batch;
    const { user, item } = this.#tables;
    const width = paddedWidth(dim);
    const position = dryRun ? this.#rng.save() : undefined;
    const step = this.#arena.scoped((): Step => {
      const loss = new SoftmaxLoss(this.#arena, this.#options, width, size);
      const met = batch.items.subarray(0, size);
      const drawn = new Int32Array(loss.negatives.rows.length);
      const { itemCounts: counts, interactions: total } = this.#statistics;
      drawMixed({ items: item.rows, events: met, counts, total }, this.#options, this.#rng, drawn, loss.shifts);
      const users = distinct(batch.users.subarray(0, size));
      const items = distinct(met, drawn);
      const [W, dW, H, dH] = [users, users, items, items].map(({ rows }) => this.#arena.float32(rows.length * width));
      readPadded(user, users.rows, W);
      readPadded(item, items.rows, H);
      loss.users.rows.set(batch.users.subarray(0, size).map(users.slotOf));
      loss.items.rows.set(met.map(items.slotOf));
      loss.negatives.rows.set(drawn.map(items.slotOf));
      const ranking = loss.descend(W, H, size, 1, dW, dH);
      const gradients = (table: GrantedTable, rows: Rows, values: Float32Array) => ({
        table: table.name,
        rows,
        values: narrowed(values, rows.length, dim).slice(),
      });
      return { losses: { ranking }, rowGradients: [gradients(user, users.rows, dW), gradients(item, items.rows, dH)] };
    });
    if (!position) return step;
    this.#rng.load(position);
    return { ...step, rowGradients: [] };
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const { dim, similarity, temperature } = this.#options;
    const unit = similarity === 'cosine';
    const lengths = unit ? this.#options.lengths : 1;
    const W = this.#users(users);
    if (unit) rescaleRows(W, users.size, dim, 0);
    const scores = this.#scores.score(W, users.size, candidates, this.#tables.item, {
      scale: 1 / temperature,
      lengths,
    });
    rankForUnknown(W, dim, users.size, candidates, this.#statistics, scores);
    return scores;
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const data = new Float32Array(rows.length * this.#options.dim);
    this.#tables[side].gather(rows, data);
    return { rows: rows.length, cols: this.#options.dim, data };
  }

  /** Everything it knows is in its tables. */
  save(): State {
    return EMPTY_STATE;
  }

  load(): void {}

  close(): void {
    this.#arena.close();
  }

  /** Rows of users; who has learned nothing yet has the mean of their items, or zeros. */
  #users({ size, users, history }: UserContexts): Float32Array {
    const { dim } = this.#options;
    const W = new Float32Array(size * dim);
    this.#tables.user.gather(users.subarray(0, size), W);
    for (let b = 0; b < size; b++) {
      if (this.#statistics.userCounts[users[b]] > 0) continue;
      const items = history.items.subarray(history.offsets[b], history.offsets[b + 1]);
      const H = new Float32Array(items.length * dim);
      this.#tables.item.gather(items, H);
      const row = W.subarray(b * dim, (b + 1) * dim).fill(0);
      for (let i = 0; i < H.length; i++) row[i % dim] += H[i] / items.length;
    }
    return W;
  }
}

/** Rows, each once, and where each is among them. */
function distinct(...lists: readonly Rows[]): { readonly rows: Rows; readonly slotOf: (row: number) => number } {
  const slots = new Map<number, number>();
  for (const list of lists) for (const row of list) if (!slots.has(row)) slots.set(row, slots.size);
  return { rows: Int32Array.from(slots.keys()), slotOf: (row) => slots.get(row)! };
}
