import { InnerProducts, sgemm } from '@tandem-rec/compute';
import {
  TandemError,
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
  type Rows,
  type Scores,
  type Side,
  type State,
  type Statistics,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { everybody, sampled, type Competition } from './competition.ts';
import { fitSequences } from './fit-sequences.ts';
import { lectureOf, type Lecture } from './lecture.ts';
import type { Example } from './sequence-batch.ts';
import type { EncoderFactory } from './sequence-encoder.ts';
import { SequenceLearner } from './sequence-learner.ts';
import type { SequenceOptions } from './sequence-options.ts';
import type { SequenceTask } from './sequence-task.ts';
import { groupsOf, readings } from './user-states.ts';

const VERSION = 1;

/**
 * The participant behind every sequence model: a user is their history, read by a network into a state h that ranks item
 * i by ⟨h, e_i⟩, with e the rows of the shared table `item`. Users without a history get log popularity.
 */
export class SequenceModel implements DomainModel {
  readonly #options: SequenceOptions;
  readonly #rng: Environment['rng'];
  readonly #task: SequenceTask;
  readonly #learner: SequenceLearner;
  readonly #products = new InnerProducts();
  #items!: GrantedTable;
  #statistics!: Statistics;

  constructor(
    options: SequenceOptions,
    { rng }: Pick<Environment, 'rng'>,
    task: SequenceTask,
    encoder: EncoderFactory,
  ) {
    this.#options = options;
    this.#rng = rng;
    this.#task = task;
    this.#learner = new SequenceLearner(options, encoder, rng);
  }

  attach({ own, statistics }: Attachment): void {
    this.#items = own['item'];
    this.#statistics = statistics;
  }

  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false, rate = 1 }: LearnOptions = {},
  ): Promise<Step> {
    const position = dryRun ? this.#rng.save() : undefined;
    const lecture = this.#lecture(batch, lessons);
    if (position) this.#rng.load(position);
    const unheard: Readonly<Record<string, number>> = lessons.some(({ kind }) => kind === 'predictions')
      ? { distillation: 0 }
      : {};
    // Users without a past teach a network that reads pasts nothing.
    if (lecture.examples.length === 0) return { losses: { ranking: 0, ...unheard }, rowGradients: [] };
    if (dryRun) return { losses: { ...unheard, ...this.#learner.measure(lecture, this.#items) }, rowGradients: [] };
    const { losses, rows, values } = this.#learner.step(lecture, this.#items, rate, this.#rng.int(2 ** 32));
    return { losses: { ...unheard, ...losses }, rowGradients: [{ table: this.#items.name, rows, values }] };
  }

  async fit(data: Interactions, run: FitRun): Promise<void> {
    await fitSequences(data, run, {
      options: this.#options,
      rng: this.#rng,
      task: this.#task,
      learner: this.#learner,
      table: this.#items,
      compete: (examples) => this.#compete(examples, data.items),
    });
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const { dim } = this.#options;
    const n = candidates.items.length;
    const shared = candidates.kind === 'shared';
    const h = this.#states(users);
    const V = new Float32Array(shared ? 0 : n * dim);
    if (!shared) this.#items.gather(candidates.items, V);
    const read = (into: Float32Array): void => this.#items.gather(candidates.items, into);
    const scores = shared ? this.#products.score(h, users.size, { count: n, dim, read }) : new Float32Array(n);
    // Whole timelines ask for as many users without a past as there are timelines.
    let popular: Float32Array | undefined;
    for (let b = 0; b < users.size; b++) {
      const [start, end] = shared ? [0, n] : [candidates.offsets[b], candidates.offsets[b + 1]];
      const row = scores.subarray(shared ? b * n : start, shared ? (b + 1) * n : end);
      if (users.history.offsets[b + 1] === users.history.offsets[b])
        row.set((popular ??= this.#logPopularity(candidates.items)).subarray(start, end));
      else if (!shared)
        sgemm(
          { transB: true },
          1,
          end - start,
          dim,
          1,
          h.subarray(b * dim, (b + 1) * dim),
          V.subarray(start * dim, end * dim),
          0,
          row,
        );
    }
    return scores;
  }

  /** Rows of items. What a user is depends on the moment, so there are no vectors of users. */
  async represent(side: Side, rows: Rows): Promise<Matrix> {
    if (side === 'user')
      throw new TandemError(
        'TANDEM_COMPOSE_MISSING_CAPABILITY',
        `${this.#items.name.split('/')[0]} has no vectors of users: they are their histories.`,
      );
    const data = new Float32Array(rows.length * this.#options.dim);
    this.#items.gather(rows, data);
    return { rows: rows.length, cols: this.#options.dim, data };
  }

  save(): State {
    return { version: VERSION, arrays: this.#learner.dense.save(), values: {} };
  }

  load({ arrays }: State): void {
    this.#learner.dense.load(arrays);
  }

  #lecture(batch: Batch, lessons: readonly Lesson[]): Lecture {
    const lecture = lectureOf(batch, lessons, this.#task, this.#options.maxLength, this.#rng);
    return { ...lecture, competition: this.#compete(lecture.examples, this.#items.rows) };
  }

  #compete(examples: readonly Example[], items: number): Competition {
    const { loss, negatives } = this.#options;
    const targets = Int32Array.from(examples.flatMap(({ targets: own }) => [...own.filter((row) => row >= 0)]));
    return loss === 'full-softmax' || items <= negatives
      ? everybody(items, targets)
      : sampled(items, targets, negatives, this.#statistics, this.#rng);
  }

  /** h of every user, `size × d`; zeros without a history. */
  #states(users: UserContexts): Float32Array {
    const { dim, maxLength } = this.#options;
    const states = new Float32Array(users.size * dim);
    for (const group of groupsOf(readings(users, this.#task, maxLength))) {
      const own = this.#learner.states(group, this.#items);
      for (const [i, { row }] of group.flatMap(({ rows }) => rows).entries())
        states.set(own.subarray(i * dim, (i + 1) * dim), row * dim);
    }
    return states;
  }

  #logPopularity(items: Rows): Float32Array {
    const { itemCounts, interactions } = this.#statistics;
    const total = interactions + this.#items.rows;
    return Float32Array.from(items, (row) => Math.log(((itemCounts[row] ?? 0) + 1) / total));
  }
}
