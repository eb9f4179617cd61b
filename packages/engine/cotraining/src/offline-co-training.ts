import type { CatalogueItem } from '@tandem-rec/contract';
import { allRows, annealed, SharedEmbeddings } from '@tandem-rec/compute';
import { eventsOf, TrainingSet, type Split } from '@tandem-rec/data';
import type { Table } from './table.ts';
import { coTrainingStep } from './co-training-step.ts';
import { EarlyStopping } from './early-stopping.ts';
import { epochSteps } from './epoch-steps.ts';
import { Faults } from './faults.ts';
import { GrowingCatalogue } from './growing-catalogue.ts';
import { GrowingStatistics } from './growing-statistics.ts';
import { InformationSharingModule, type Seat } from './information-sharing-module.ts';
import { OfflineRanking } from './offline-ranking.ts';
import { offlineResult, type OfflineOptions, type OfflineResult } from './offline-result.ts';

/**
 * Co-training in epochs over a split, as papers do it: the same exchange and the same steps as on a stream, early stopping
 * on validation, full ranking of the catalogue.
 *
 * Each expert is tested at the epoch at which *it* was best on validation and stops learning when its patience is over, so
 * that no side is held back by another: a composition without exchange gives each side what it would have had alone. The
 * exchange ends when one side has stopped. Participants with a `fit` of their own are trained first, unless there is a
 * side that may teach them; those who neither fit nor learn are judged once, at the end. Fusions learn from validation
 * users, after each was ranked, and the strategy observes how they were ranked.
 */
export class OfflineCoTraining {
  readonly #table: Table;
  readonly #split: Split;
  readonly #options: OfflineOptions;
  readonly #embeddings = new SharedEmbeddings();
  readonly #catalogue = new GrowingCatalogue(this.#embeddings.index('item'));
  readonly #statistics = new GrowingStatistics();
  readonly #module: InformationSharingModule;
  readonly #data: TrainingSet;
  readonly #ranking: OfflineRanking;
  readonly #stopping: EarlyStopping;
  readonly #best = new Map<string, OfflineResult>();
  /** Events learned so far. */
  #learned = 0;
  readonly #faults: Faults;
  readonly #times = { exchange: 0, learn: 0, learnBy: {} as Record<string, number>, apply: 0 };

  constructor(table: Table, split: Split, items: readonly CatalogueItem[], options: OfflineOptions) {
    this.#table = table;
    this.#split = split;
    this.#options = options;
    this.#faults = new Faults(options.log);
    const known = new Map(items.map((item) => [item.id, item]));
    for (const id of split.table.userIds) this.#embeddings.index('user').add(id);
    for (const id of split.table.itemIds) {
      const item = known.get(id);
      if (item) this.#catalogue.upsert(item);
      else this.#catalogue.add(id);
    }
    this.#statistics.reserve(split.users, split.items);
    for (const event of eventsOf(split, ['train']))
      this.#statistics.count(split.table.users[event], split.table.items[event]);
    this.#module = new InformationSharingModule(table.seats, table.composition.grants, {
      embeddings: this.#embeddings,
      catalogue: this.#catalogue,
      statistics: this.#statistics,
      rng: table.rng,
    });
    for (const { instance } of table.fusions)
      instance.attach(
        table.seats.map(({ part: { name, role } }) => ({ name, role })),
        this.#statistics,
      );
    this.#data = new TrainingSet(split, options.historyLimit);
    this.#ranking = new OfflineRanking(table, split, options);
    this.#stopping = new EarlyStopping(options.evaluation.patience);
  }

  /** How often lessons were dropped that nobody can learn from, by who and what. */
  get faults(): Readonly<Record<string, number>> {
    return this.#faults.counts;
  }

  /** Trains everybody and answers what each expert reached, participants first, then fusions. */
  async run(): Promise<readonly OfflineResult[]> {
    const { seats, strategy, fusions } = this.#table;
    await this.#module.attach();
    await strategy?.begin?.(this.#module.bridge);
    this.#embeddings.ensureRows('user');
    this.#embeddings.ensureRows('item');
    await strategy?.arrive?.(allRows(this.#split.items), this.#module.bridge);
    await this.#options.onReady?.(this.#module.bridge);
    const fitted = seats.filter((seat) => fitsAlone(seat, seats));
    for (const seat of fitted) await this.#fit(seat);
    const learners = seats.filter((seat) => !fitted.includes(seat) && seat.instance.learn);
    if (learners.length > 0) await this.#epochs(learners);
    const unjudged = this.#names().filter((name) => !this.#best.has(name));
    if (unjudged.length > 0) await this.#judge(0, unjudged);
    return [...seats.map(({ part }) => part.name), ...fusions.map(({ name }) => name)].flatMap(
      (name) => this.#best.get(name) ?? [],
    );
  }

  async #fit({ part, instance }: Seat): Promise<void> {
    const { evaluation, signal, cpuMs } = this.#options;
    const start = cpuMs();
    let judging = 0;
    let last = 1;
    await instance.fit!(this.#data, {
      signal,
      epochs: evaluation.epochs,
      epoch: async ({ epoch, loss }) => {
        const before = cpuMs();
        last = epoch;
        if (this.#ranking.hasValidation && epoch % evaluation.validateEvery === 0)
          await this.#judge(epoch, [part.name], { [part.name]: loss });
        judging += cpuMs() - before;
        return { stop: signal.aborted || this.#stopping.hasStopped(part.name) };
      },
    });
    signal.throwIfAborted();
    this.#times.learnBy[part.name] = cpuMs() - start - judging;
    // It may have gone on since it was judged, or have finished in a way of its own.
    await this.#judge(last, [part.name]);
  }

  /** Epochs of `learn` until everybody has stopped improving. */
  async #epochs(learners: readonly Seat[]): Promise<void> {
    const { evaluation, signal, cpuMs } = this.#options;
    const names = [...learners.map(({ part }) => part.name), ...this.#table.fusions.map(({ name }) => name)];
    // Who does not learn here, because it is fitted already or never learns, can still teach.
    const finished = this.#table.seats.filter((seat) => !learners.includes(seat));
    const deal = epochSteps(this.#data, evaluation, this.#table.rng('loop'));
    for (let epoch = 1; epoch <= evaluation.epochs; epoch++) {
      const rate = evaluation.annealing ? annealed(epoch, evaluation.epochs, evaluation.annealing) : 1;
      const active = learners.filter(({ part }) => !this.#stopping.hasStopped(part.name));
      const strategy = bothRoles([...active, ...finished]) ? this.#table.strategy : undefined;
      const losses: Record<string, number> = {};
      for (const [step, positions] of deal().entries()) {
        signal.throwIfAborted();
        const batch = this.#data.batch(positions);
        const found = await coTrainingStep(
          batch,
          active,
          this.#module,
          strategy,
          NOBODY,
          this.#times,
          cpuMs,
          rate,
          this.#faults,
        );
        this.#learned += batch.size;
        for (const [name, parts] of Object.entries(found))
          losses[name] = Object.values(parts).reduce((sum, loss) => sum + loss, 0);
        // Signals and timers have their turn between steps.
        if (step % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const last = epoch === evaluation.epochs;
      if (epoch % evaluation.validateEvery !== 0 && !last) continue;
      if (this.#ranking.hasValidation || last) await this.#judge(epoch, names, losses);
      if (this.#ranking.hasValidation && learners.every(({ part }) => this.#stopping.hasStopped(part.name))) return;
    }
  }

  /** Ranks validation users, and test users by those who have become better; `names` are judged. */
  async #judge(epoch: number, names: readonly string[], losses: Readonly<Record<string, number>> = {}): Promise<void> {
    const { cutoff, epochs } = this.#options.evaluation;
    const validation = this.#ranking.hasValidation ? await this.#ranking.validate(names, this.#learned) : {};
    const better = names.filter((name) => this.#stopping.isBest(name, validation[name]));
    const rankings = better.length > 0 ? await this.#ranking.test(better) : {};
    for (const name of better) {
      const side = this.#table.seats.find(({ part }) => part.name === name)?.part.role ?? 'fused';
      const reached = { name, side, validationNdcg: validation[name] ?? 0, bestEpoch: epoch } as const;
      this.#best.set(name, offlineResult(reached, rankings[name], cutoff, this.#times.learnBy));
    }
    this.#options.onProgress?.({ epoch, epochs, validation, losses });
  }

  #names(): string[] {
    return [...this.#table.seats.map(({ part }) => part.name), ...this.#table.fusions.map(({ name }) => name)];
  }
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Whether it trains by its own `fit`. Who can be taught takes part in the epochs instead as soon as both roles are at the
 * table, with a strategy or without one: the control must train as the exchange does.
 */
const fitsAlone = ({ part, instance }: Seat, seats: readonly Seat[]): boolean =>
  instance.fit !== undefined && !(instance.learn && part.takes.length > 0 && bothRoles(seats));

const bothRoles = (seats: readonly Seat[]): boolean => new Set(seats.map(({ part }) => part.role)).size === 2;
