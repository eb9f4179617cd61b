import {
  TandemError,
  type Attachment,
  type Batch,
  type Candidates,
  type DomainModel,
  type Environment,
  type FitRun,
  type Interactions,
  type Lesson,
  type Rng,
  type Scores,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { grown, isWhole, restore } from '@tandem-rec/compute';
import type { GfcfOptions } from './gfcf.ts';
import { GraphFilter, NO_BASIS, type Basis, type Lists } from './graph-filter.ts';
import { Meetings } from './meetings.ts';
import { readSize } from './read-size.ts';
import { writeScores } from './write-scores.ts';

const NOTHING: Step = { losses: {}, rowGradients: [] };

/**
 * The participant behind `gfcf`. Who has no history, or none that the graph knows, gets log(1 + users who met the item).
 */
export class GfcfModel implements DomainModel {
  readonly #options: GfcfOptions;
  readonly #rng: Rng;
  readonly #threads: number;
  readonly #meetings = new Meetings();
  /** How many of them the graph was made of. */
  #built = 0;
  #basis: Basis = NO_BASIS;
  #filter: GraphFilter | undefined;
  #scores = new Float32Array(0);

  constructor(options: GfcfOptions, { rng, threads }: Pick<Environment, 'rng' | 'threads'>) {
    this.#options = options;
    this.#rng = rng;
    this.#threads = threads;
  }

  attach(_attachment: Attachment): void {}

  /** New meetings are noted; after `refreshEvery` of them graph and singular vectors follow. Replays were noted already. */
  async learn(batch: Batch, _lessons: readonly Lesson[], { dryRun = false } = {}): Promise<Step> {
    if (dryRun) return NOTHING;
    for (let b = 0; b < batch.fresh; b++) this.#meetings.add(batch.users[b], batch.items[b]);
    if (this.#meetings.size - this.#built >= this.#options.refreshEvery) this.#rebuild(this.#basis, 1);
    return NOTHING;
  }

  /** One pass. What was learned before is replaced. */
  async fit({ timelines }: Interactions, run: FitRun): Promise<void> {
    run.signal.throwIfAborted();
    this.#meetings.take(timelines);
    this.#rebuild(NO_BASIS, this.#options.iterations);
    await run.epoch({ epoch: 1, loss: 0 });
  }

  async predict({ size, history }: UserContexts, candidates: Candidates): Promise<Scores> {
    if (this.#filter === undefined) return this.#room(size, candidates).fill(0);
    const { items, itemDegrees } = this.#filter.graph;
    const { scores: all, X } = this.#filter.scores(history, size);
    for (let b = 0; b < size; b++)
      if (X.offsets[b] === X.offsets[b + 1])
        for (let item = 0; item < items; item++) all[b * items + item] = Math.log1p(itemDegrees[item]);
    if (isWhole(candidates, items)) return all;
    const scores = this.#room(size, candidates);
    writeScores(size, candidates, scores, (b, rows, into) => {
      for (let k = 0; k < rows.length; k++) into[k] = rows[k] < items ? all[b * items + rows[k]] : 0;
    });
    return scores;
  }

  save(): State {
    const { arrays, values } = this.#meetings.save();
    const { width, vectors, data } = this.#basis;
    const rows = width === 0 ? 0 : data.length / width;
    return {
      version: 1,
      arrays: [...arrays, { name: 'basis', shape: [rows, width], owner: 'item', data }],
      values: { ...values, built: this.#built, rows, width, vectors },
    };
  }

  load(state: State): void {
    this.#meetings.load(state);
    const width = readSize(state, 'width');
    const data = new Float32Array(readSize(state, 'rows') * width);
    restore(state, 'basis', data);
    this.#basis = { width, vectors: readSize(state, 'vectors'), data };
    this.#built = Math.min(readSize(state, 'built'), this.#meetings.size);
    const lists = this.#meetings.lists(this.#built);
    if (lists.itemCount !== readSize(state, 'rows') && width > 0)
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `The saved graph has ${lists.itemCount} items and its basis ${state.values['rows']}.`,
      );
    this.close();
    if (this.#built > 0) this.#open(lists, width).lowPass(this.#basis, this.#options.rank, this.#options.alpha);
  }

  close(): void {
    this.#filter?.close();
    this.#filter = undefined;
  }

  #room(size: number, { kind, items }: Candidates): Float32Array {
    const length = kind === 'shared' ? size * items.length : items.length;
    return (this.#scores = grown(this.#scores, length)).subarray(0, length);
  }

  /** The graph of all meetings, and a basis that follows from this one. */
  #rebuild(basis: Basis, iterations: number): void {
    const { rank, oversampling, alpha } = this.#options;
    this.#built = this.#meetings.size;
    const lists = this.#meetings.lists(this.#built);
    const width = Math.min(rank + oversampling, lists.itemCount, lists.offsets.length - 1);
    const filter = this.#open(lists, width);
    this.#basis = filter.decompose(basis, width, iterations, this.#rng);
    filter.lowPass(this.#basis, rank, alpha);
  }

  #open(lists: Lists, width: number): GraphFilter {
    this.close();
    return (this.#filter = new GraphFilter(lists, width, this.#options.sharpness, this.#threads));
  }
}
