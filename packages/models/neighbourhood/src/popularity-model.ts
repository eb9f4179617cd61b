import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  FitRun,
  Interactions,
  Lesson,
  Scores,
  State,
  Step,
  UserContexts,
} from '@tandem-rec/contract';
import { Arena, DecayedCounts, repeatRow } from '@tandem-rec/compute';
import { onePass } from './one-pass.ts';
import type { PopularityOptions } from './popularity.ts';

const MS_PER_HOUR = 3_600_000;
const NOTHING: Step = { losses: {}, rowGradients: [] };

/** The participant behind `popularity`. */
export class PopularityModel implements DomainModel {
  readonly #options: PopularityOptions;
  readonly #counts: DecayedCounts;
  readonly #arena = new Arena();

  constructor(options: PopularityOptions) {
    this.#options = options;
    this.#counts = new DecayedCounts(options.halfLife * (options.unit === 'hours' ? MS_PER_HOUR : 1));
  }

  attach(_attachment: Attachment): void {}

  /** Counts new events; what is replayed was counted already. */
  async learn(batch: Batch, _lessons: readonly Lesson[], { dryRun = false } = {}): Promise<Step> {
    if (!dryRun) this.#observe(batch, batch.fresh);
    return NOTHING;
  }

  /** One pass, in the order of time: to count again changes nothing but the scale. Without times nothing fades. */
  fit(data: Interactions, run: FitRun): Promise<void> {
    return onePass(data, run, (batch, timeless) => this.#observe(batch, batch.size, timeless));
  }

  async predict({ size }: UserContexts, candidates: Candidates): Promise<Scores> {
    const { items } = candidates;
    const n = items.length;
    const length = candidates.kind === 'shared' ? size * n : n;
    // Where rankings read them: the same memory every time.
    const scores = this.#arena.scoped(() => this.#arena.uncleared(length));
    this.#counts.read(items, scores);
    for (let i = 0; i < n; i++) scores[i] = Math.log(scores[i] + this.#options.smoothing);
    if (candidates.kind === 'shared') repeatRow(scores, n, size);
    return scores;
  }

  save(): State {
    return { version: 1, arrays: this.#counts.save(), values: {} };
  }

  load(state: State): void {
    this.#counts.load(state);
  }

  #observe({ items, atMs }: Batch, events: number, timeless = false): void {
    const step = timeless ? 0 : 1;
    for (let b = 0; b < events; b++)
      this.#counts.add(items[b], this.#options.unit === 'hours' ? atMs[b] : this.#counts.now + step);
  }
}
