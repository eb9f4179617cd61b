import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  Environment,
  FitRun,
  Interactions,
  Lesson,
  Scores,
  State,
  Step,
  UserContexts,
} from '@tandem-rec/contract';
import { grown, isWhole } from '@tandem-rec/compute';
import { EaseWeights } from './ease-weights.ts';
import type { EaseOptions } from './ease.ts';
import { GramCounts } from './gram-counts.ts';
import { readSize } from './read-size.ts';
import { writeScores } from './write-scores.ts';

const NOTHING: Step = { losses: {}, rowGradients: [] };

/**
 * The participant behind `ease`: s_u = x_u · B (Steck 2019, equation 1), where x_u has a one for each item of the user's
 * history. Who has none, or none that B knows, gets log(1 + users who met the item).
 */
export class EaseModel implements DomainModel {
  readonly #options: EaseOptions;
  readonly #gram = new GramCounts();
  readonly #weights: EaseWeights;
  /** New interactions since B was solved for. */
  #waiting = 0;
  #scores = new Float32Array(0);

  constructor(options: EaseOptions, { threads }: Pick<Environment, 'threads'>) {
    this.#options = options;
    this.#weights = new EaseWeights(threads);
  }

  attach(_attachment: Attachment): void {}

  /** G follows every new interaction; B is solved for again after `refreshEvery` of them. What is replayed is in G already. */
  async learn({ fresh, items, history }: Batch, _lessons: readonly Lesson[], { dryRun = false } = {}): Promise<Step> {
    if (dryRun) return NOTHING;
    for (let b = 0; b < fresh; b++) {
      const past = new Set(history.items.subarray(history.offsets[b], history.offsets[b + 1]));
      if (past.has(items[b])) continue;
      this.#gram.add(items[b], past);
      this.#waiting++;
    }
    if (this.#waiting >= this.#options.refreshEvery) this.#solve();
    return NOTHING;
  }

  /** One pass: counts, and one solution. What was learned before is replaced. */
  async fit({ timelines, items }: Interactions, run: FitRun): Promise<void> {
    run.signal.throwIfAborted();
    this.#weights.count(timelines, items, this.#gram);
    run.signal.throwIfAborted();
    this.#solve();
    await run.epoch({ epoch: 1, loss: 0 });
  }

  async predict({ size, history }: UserContexts, candidates: Candidates): Promise<Scores> {
    const { items: known } = this.#weights;
    const { sharpness } = this.#options;
    const { scores: all, X } = this.#weights.scores(history, size);
    for (let b = 0; b < size; b++) {
      const unknown = X.offsets[b] === X.offsets[b + 1];
      for (let item = 0, at = b * known; item < known; item++, at++)
        all[at] = unknown ? Math.log1p(this.#gram.count(item)) : sharpness * all[at];
    }
    if (isWhole(candidates, known)) return all;
    const length = candidates.kind === 'shared' ? size * candidates.items.length : candidates.items.length;
    const scores = (this.#scores = grown(this.#scores, length)).subarray(0, length);
    writeScores(size, candidates, scores, (b, rows, into) => {
      const unknown = X.offsets[b] === X.offsets[b + 1];
      for (let k = 0; k < rows.length; k++) {
        const item = rows[k];
        if (item < known) into[k] = all[b * known + item];
        else into[k] = unknown ? Math.log1p(this.#gram.count(item)) : 0;
      }
    });
    return scores;
  }

  save(): State {
    return {
      version: 1,
      arrays: [...this.#gram.save(), ...this.#weights.save()],
      values: { items: this.#gram.items, solved: this.#weights.items, waiting: this.#waiting },
    };
  }

  load(state: State): void {
    this.#gram.load(state, readSize(state, 'items'));
    this.#weights.load(state, readSize(state, 'solved'));
    this.#waiting = readSize(state, 'waiting');
  }

  close(): void {
    this.#weights.close();
  }

  #solve(): void {
    this.#weights.solve(this.#gram, this.#options.lambda);
    this.#waiting = 0;
  }
}
