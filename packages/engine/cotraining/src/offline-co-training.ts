import type { Bridge, CatalogueItem, Evaluation, ExpertScores, Role, Scores, UserContexts } from '@tandem-rec/contract';
import { annealed, SharedEmbeddings } from '@tandem-rec/compute';
import { evaluationTask, eventsOf, TrainingSet, type Split } from '@tandem-rec/data';
import {
  maskSeen,
  rankEach,
  summarise,
  userMetrics,
  type Ranking,
  type RankingScores,
  type RankingTask,
} from '@tandem-rec/evaluation';
import type { Table } from './co-trainer.ts';
import { coTrainingStep } from './co-training-step.ts';
import { epochSteps } from './epoch-steps.ts';
import { GrowingCatalogue } from './growing-catalogue.ts';
import { GrowingStatistics } from './growing-statistics.ts';
import { InformationSharingModule, type Seat } from './information-sharing-module.ts';

/** What one expert reached on the test part, at the epoch that was best on validation. */
export interface OfflineResult {
  readonly name: string;
  readonly side: Role | 'fused';
  readonly scores: RankingScores;
  /** NDCG and recall of each test user, in the order of `users`. */
  readonly ndcg: Float64Array;
  readonly recall: Float64Array;
  readonly users: Int32Array;
  /** Where the test items came out, for slices. */
  readonly ranking: Ranking;
  /** 0 where there is no validation part. */
  readonly validationNdcg: number;
  readonly bestEpoch: number;
  /** CPU milliseconds of its own learning, until training ended. */
  readonly cpuMs: number;
}

/** After each validation. */
export interface OfflineProgress {
  readonly epoch: number;
  readonly epochs: number;
  /** NDCG on validation, by expert. */
  readonly validation: Readonly<Record<string, number>>;
  /** Mean of each participant's losses in the last step. */
  readonly losses: Readonly<Record<string, number>>;
}

export interface OfflineOptions {
  readonly evaluation: Evaluation;
  readonly historyLimit: number;
  readonly signal: AbortSignal;
  /** CPU milliseconds of this process. */
  readonly cpuMs: () => number;
  readonly onProgress?: (progress: OfflineProgress) => void;
  /** Everybody is at the table and has rows, nobody has learned: for looking at what they know by then. */
  readonly onReady?: (bridge: Bridge) => Promise<void>;
}

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
  readonly #validation: RankingTask | undefined;
  readonly #test: RankingTask;
  readonly #best = new Map<string, OfflineResult>();
  readonly #stale = new Map<string, number>();
  /** Events learned so far. */
  #learned = 0;
  readonly #times = { exchange: 0, learn: 0, learnBy: {} as Record<string, number>, apply: 0 };

  constructor(table: Table, split: Split, items: readonly CatalogueItem[], options: OfflineOptions) {
    this.#table = table;
    this.#split = split;
    this.#options = options;
    const { historyLimit, evaluation } = options;
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
    this.#data = new TrainingSet(split, historyLimit);
    this.#validation = split.valid.length > 0 ? evaluationTask(split, 'valid', { historyLimit }) : undefined;
    this.#test = evaluationTask(split, 'test', {
      historyLimit,
      historyWithValidation: evaluation.historyWithValidation,
    });
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
        if (this.#validation && epoch % evaluation.validateEvery === 0)
          await this.#judge(epoch, [part.name], { [part.name]: loss });
        judging += cpuMs() - before;
        return { stop: signal.aborted || this.#hasStopped(part.name) };
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
      const active = learners.filter(({ part }) => !this.#hasStopped(part.name));
      const strategy = bothRoles([...active, ...finished]) ? this.#table.strategy : undefined;
      const losses: Record<string, number> = {};
      for (const [step, positions] of deal().entries()) {
        signal.throwIfAborted();
        const batch = this.#data.batch(positions);
        const found = await coTrainingStep(batch, active, this.#module, strategy, NOBODY, this.#times, cpuMs, rate);
        this.#learned += batch.size;
        for (const [name, parts] of Object.entries(found))
          losses[name] = Object.values(parts).reduce((sum, loss) => sum + loss, 0);
        // Signals and timers have their turn between steps.
        if (step % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const last = epoch === evaluation.epochs;
      if (epoch % evaluation.validateEvery !== 0 && !last) continue;
      if (this.#validation || last) await this.#judge(epoch, names, losses);
      if (this.#validation && learners.every(({ part }) => this.#hasStopped(part.name))) return;
    }
  }

  /** Ranks validation users, and test users by those who have become better; `names` are judged. */
  async #judge(epoch: number, names: readonly string[], losses: Readonly<Record<string, number>> = {}): Promise<void> {
    const { cutoff } = this.#options.evaluation;
    const validation: Record<string, number> = {};
    if (this.#validation) {
      const rankings = await this.#rank(this.#validation, names, true);
      for (const name of names) validation[name] = summarise(userMetrics(rankings[name], cutoff)).ndcg;
      this.#observe(this.#validation, rankings);
    }
    const better = names.filter(
      (name) => validation[name] === undefined || validation[name] > (this.#best.get(name)?.validationNdcg ?? -1),
    );
    for (const name of names)
      // Who has stopped may become better by others' rows, but does not begin again.
      if (!this.#hasStopped(name)) this.#stale.set(name, better.includes(name) ? 0 : (this.#stale.get(name) ?? 0) + 1);
    if (better.length > 0) {
      const rankings = await this.#rank(this.#test, better, false);
      for (const name of better) this.#best.set(name, this.#result(name, rankings[name], epoch, validation[name] ?? 0));
    }
    this.#options.onProgress?.({ epoch, epochs: this.#options.evaluation.epochs, validation, losses });
  }

  /** Tells the strategy, in batches, how users with a single validation item were ranked, as it is told on a stream. */
  #observe(task: RankingTask, rankings: Readonly<Record<string, Ranking>>): void {
    const { strategy } = this.#table;
    if (!strategy?.observe) return;
    const { users, targets } = task;
    const { table, valid } = this.#split;
    const eventOf = new Int32Array(this.#split.users);
    for (const event of valid) eventOf[table.users[event]] = event;
    const single = allRows(users.length).filter((k) => targets.offsets[users[k] + 1] - targets.offsets[users[k]] === 1);
    const { batch: size } = this.#options.evaluation;
    for (let from = 0; from < single.length; from += size) {
      const asked = single.subarray(from, from + size);
      const events = asked.map((k) => eventOf[users[k]]);
      strategy.observe({
        batch: {
          ...task.contexts(asked.map((k) => users[k])),
          items: events.map((event) => table.items[event]),
          values: Float32Array.from(events, (event) => table.values[event]),
          fresh: asked.length,
          sequence: this.#learned,
        },
        ranks: Object.fromEntries(
          Object.entries(rankings).map(([name, { offsets, ranks }]) => [name, asked.map((k) => ranks[offsets[k]])]),
        ),
      });
    }
  }

  #result(name: string, ranking: Ranking, bestEpoch: number, validationNdcg: number): OfflineResult {
    const metrics = userMetrics(ranking, this.#options.evaluation.cutoff);
    const times = this.#times.learnBy;
    return {
      name,
      side: this.#table.seats.find(({ part }) => part.name === name)?.part.role ?? 'fused',
      scores: summarise(metrics),
      ndcg: metrics.ndcg,
      recall: metrics.recall,
      users: ranking.users,
      ranking,
      validationNdcg,
      bestEpoch,
      // Read when asked: learning goes on after the best epoch.
      get cpuMs() {
        return times[name] ?? Object.values(times).reduce((sum, ms) => sum + ms, 0);
      },
    };
  }

  /** Rankings of the wanted experts. Fusions hear everybody; with `teach` they learn from each user once it was ranked. */
  async #rank(
    task: RankingTask,
    wanted: readonly string[],
    teach: boolean,
  ): Promise<Readonly<Record<string, Ranking>>> {
    const { seats, fusions } = this.#table;
    const items = this.#split.items;
    const fused = fusions.filter(({ name }) => wanted.includes(name));
    const predict = async (users: UserContexts): Promise<Record<string, Scores>> => {
      const experts: ExpertScores[] = [];
      for (const { part, instance } of seats) {
        if (fused.length === 0 && !wanted.includes(part.name)) continue;
        const scores = await instance.predict(users, { kind: 'shared', items: allRows(items) });
        maskSeen(scores, users.users, task.seen, items);
        experts.push({ name: part.name, role: part.role, scores });
      }
      const opinions = { users, items: allRows(items), experts };
      const answer: Record<string, Scores> = {};
      for (const { name, scores } of experts) if (wanted.includes(name)) answer[name] = scores;
      for (const { name, instance } of fused) {
        answer[name] = instance.fuse(opinions).slice();
        if (teach && instance.learn)
          instance.learn(
            opinions,
            users.users.map((user) => task.targets.items[task.targets.offsets[user]]),
          );
      }
      return answer;
    };
    return rankEach(task, predict, { items, signal: this.#options.signal });
  }

  /** Early stopping: no better on validation for as long as the patience lasts. */
  #hasStopped(name: string): boolean {
    return (this.#stale.get(name) ?? 0) >= this.#options.evaluation.patience;
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

const allRows = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);
