import { Adam, restore } from '@tandem-rec/compute';
import {
  TandemError,
  type Attachment,
  type Batch,
  type Candidates,
  type DomainModel,
  type Environment,
  type GrantedTable,
  type LearnOptions,
  type Lesson,
  type Matrix,
  type Rng,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { denseWeights, initialise, type DenseWeights } from './dense-weights.ts';
import { addCandidates, addExamples, ItemList } from './examples.ts';
import type { FeatureOptions } from './feature-options.ts';
import { CONTEXT_FIELDS, FeatureSpace, ITEM_FIELDS } from './feature-space.ts';
import { distillation, logLoss } from './losses.ts';
import { Machine } from './machine.ts';

const VERSION = 1;
/** Pairs that a prediction sends through the deep part at once. */
const BLOCK = 4096;

/**
 * The participant behind `fm` and `deepfm`: features of questions and items, a {@link Machine} over them, log-loss on
 * classes. Gradients of a step are summed over its examples. Rows of users and items are in shared tables; everything
 * else is one dense vector that follows Adam.
 */
export class FeatureModel implements DomainModel {
  readonly #options: FeatureOptions;
  readonly #rng: Rng;
  readonly #space: FeatureSpace;
  readonly #weights: DenseWeights;
  readonly #gradient: DenseWeights;
  readonly #adam: Adam;
  #learning!: Machine;
  #predicting!: Machine;
  #own!: Readonly<Record<string, GrantedTable>>;
  readonly #items = new ItemList();

  constructor(options: FeatureOptions, { rng }: Pick<Environment, 'rng'>) {
    const { dim, hidden, initialStd, denseLearningRate } = options;
    this.#options = options;
    this.#rng = rng;
    this.#space = new FeatureSpace(options);
    const shape = {
      commonRows: this.#space.commonRows,
      dim,
      contextWidth: CONTEXT_FIELDS.length * dim,
      itemWidth: ITEM_FIELDS.length * dim,
      hidden,
    };
    this.#weights = denseWeights(shape);
    this.#gradient = denseWeights(shape);
    this.#adam = new Adam(this.#weights.vector.length, denseLearningRate);
    initialise(this.#weights, initialStd, rng.fork('dense'));
  }

  attach({ own, catalogue }: Attachment): void {
    const { dim } = this.#options;
    this.#own = own;
    this.#space.attach(catalogue);
    this.#learning = new Machine(this.#space, this.#weights, this.#gradient, dim, own);
    this.#predicting = new Machine(this.#space, this.#weights, this.#gradient, dim, own);
  }

  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false, rate = 1 }: LearnOptions = {},
  ): Promise<Step> {
    const { label, negatives, regularisation } = this.#options;
    const machine = this.#learning;
    const { pairs } = machine;
    const taught = lessons.filter((lesson) => lesson.kind === 'predictions');
    const position = dryRun ? this.#rng.save() : undefined;
    const drawn = { count: this.#own['item-weight'].rows, rng: this.#rng };
    pairs.begin();
    this.#items.begin();
    const classes = addExamples(batch, label, negatives, drawn, this.#items, pairs);
    if (position) this.#rng.load(position);
    const starts = taught.map((lesson) => {
      const start = pairs.size;
      addCandidates(lesson, this.#items, pairs);
      return start;
    });
    pairs.end();
    const rows = this.#items.rows();
    if (!dryRun) this.#space.admit(rows);
    machine.read(batch, rows);
    machine.forward();

    const losses: Record<string, number> = { logLoss: logLoss(pairs, classes) / Math.max(1, classes.length) };
    taught.forEach((lesson, k) => {
      const loss = distillation(lesson, pairs, starts[k]) / Math.max(1, batch.size);
      losses['distillation'] = (losses['distillation'] ?? 0) + loss;
    });
    if (dryRun) return { losses, rowGradients: [] };
    this.#gradient.vector.fill(0);
    machine.backward(regularisation, classes.length);
    this.#adam.step(this.#weights.vector, this.#gradient.vector, rate);
    return { losses, rowGradients: machine.rowGradients() };
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const machine = this.#predicting;
    const { pairs } = machine;
    const { items } = candidates;
    pairs.begin();
    this.#items.begin();
    const places = items.map((item) => this.#items.place(item));
    for (let b = 0; b < users.size; b++) {
      const from = candidates.kind === 'shared' ? 0 : candidates.offsets[b];
      const to = candidates.kind === 'shared' ? items.length : candidates.offsets[b + 1];
      for (let i = from; i < to; i++) pairs.add(b, places[i]);
    }
    pairs.end();
    machine.read(users, this.#items.rows());
    machine.forward(BLOCK);
    return (pairs.logits as Scores).subarray(0, pairs.size);
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const { dim } = this.#options;
    const table = this.#own[side];
    if (!table)
      throw new TandemError(
        'TANDEM_COMPOSE_MISSING_CAPABILITY',
        'Logistic regression has no vectors of users or items.',
      );
    const data = new Float32Array(rows.length * dim);
    table.gather(rows, data);
    return { rows: rows.length, cols: dim, data };
  }

  save(): State {
    const { vector } = this.#weights;
    return {
      version: VERSION,
      arrays: [{ name: 'dense', shape: [vector.length], owner: 'common', data: vector }, ...this.#adam.save()],
      values: { categories: this.#space.save() },
    };
  }

  load(state: State): void {
    restore(state, 'dense', this.#weights.vector);
    for (const { name, data } of this.#adam.save()) restore(state, name, data);
    const { categories } = state.values;
    if (!Array.isArray(categories))
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved state does not name the categories that have rows.');
    this.#space.load(categories as readonly string[]);
  }
}
