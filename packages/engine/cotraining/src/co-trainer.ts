import type {
  CatalogueItem,
  Clock,
  DeadLetter,
  Interaction,
  Logger,
  Rng,
  SharingStrategy,
  SourceRecord,
  State,
  Stateful,
  UserContexts,
} from '@tandem-rec/contract';
import { allRows, SharedEmbeddings } from '@tandem-rec/compute';
import { timeRules } from '@tandem-rec/data';
import { Prequential } from '@tandem-rec/evaluation';
import { Attendance, Away } from './attendance.ts';
import { BatchBuilder } from './batch-builder.ts';
import { coTrainingStep, type Losses } from './co-training-step.ts';
import { decodeRecords } from './decode-records.ts';
import { DedupeWindow } from './dedupe-window.ts';
import { EventMemory } from './event-memory.ts';
import { Faults } from './faults.ts';
import { opinions, rankTargets, spread } from './full-ranking.ts';
import { GrowingCatalogue } from './growing-catalogue.ts';
import { GrowingStatistics } from './growing-statistics.ts';
import { InformationSharingModule, type Seat } from './information-sharing-module.ts';
import { LoopState } from './loop-state.ts';
import type { Table } from './table.ts';
import type { Counts, StageTimes } from './tally.ts';
import { UserHistories } from './user-histories.ts';

/**
 * Co-training on a stream, one batch of records at a time: decode, de-duplicate, **test, then train**. It knows no source,
 * no journal and no disk: the same records in the same batches with the same decisions give the same bits.
 *
 * **Granularity.** The batch is the unit of time. Item records count from the batch they arrive in: their text is in the
 * catalogue before the interactions of that batch are ranked, also of those that came before them in it, and items that
 * the batch names for the first time are candidates for all of it. What interactions teach (models, tables, statistics)
 * counts from the next batch; a user's own history, and what is masked by it, grows with each interaction.
 */
export class CoTrainer {
  readonly embeddings = new SharedEmbeddings();
  readonly catalogue = new GrowingCatalogue(this.embeddings.index('item'));
  readonly statistics = new GrowingStatistics();
  readonly histories = new UserHistories();
  readonly module: InformationSharingModule;
  readonly prequential: Prequential;
  readonly counts: Counts = { records: 0, events: 0, items: 0, duplicates: 0, ignored: 0, bad: 0 };
  readonly times: StageTimes = { decode: 0, dedupe: 0, rank: 0, fuse: 0, exchange: 0, learn: 0, learnBy: {}, apply: 0 };
  /** Losses of the newest step. */
  losses: Losses = {};
  readonly #faults: Faults;
  readonly #attendance: Attendance;
  /** Everybody, asked through the attendance. */
  readonly #seats: readonly Seat[];
  readonly #strategy: SharingStrategy | undefined;
  readonly #table: Table;
  readonly #memory: EventMemory;
  readonly #dedupe: DedupeWindow;
  readonly #learning: BatchBuilder;
  readonly #ranking: BatchBuilder;
  readonly #rng: Rng;
  readonly #now: () => number;
  readonly #notBeforeMs: number;
  #candidates: Int32Array = new Int32Array(0);
  /** Items that the strategy has been told of. */
  #arrived = 0;

  /**
   * @param now monotonic milliseconds, for stage times only: nothing that is learned depends on it
   * @param watch where faults are logged, and for how long (`callMs` of `clock`) an answer is waited for; default: for ever
   */
  constructor(
    table: Table,
    now: () => number,
    watch: { readonly log?: Logger; readonly clock?: Clock; readonly callMs?: number } = {},
  ) {
    const { training, participants } = table.composition;
    this.#faults = new Faults(watch.log);
    this.#attendance = new Attendance(this.#faults, watch);
    this.#seats = table.seats.map((seat) => this.#attendance.seated(seat));
    this.#strategy =
      table.strategy && this.#attendance.attended(table.composition.sharing?.name ?? 'sharing', table.strategy);
    this.#table = table;
    this.#now = now;
    this.#rng = table.rng('loop');
    this.#memory = new EventMemory(training.replayWindow);
    this.#dedupe = new DedupeWindow(training.dedupe.window);
    this.#learning = new BatchBuilder(this.histories, training.history.limit);
    this.#ranking = new BatchBuilder(this.histories, training.history.limit);
    this.#notBeforeMs = timeRules(training.time, 0).notBeforeMs;
    this.prequential = new Prequential({ cutoff: 10 });
    this.module = new InformationSharingModule(this.#seats, table.composition.grants, {
      embeddings: this.embeddings,
      catalogue: this.catalogue,
      statistics: this.statistics,
      rng: table.rng,
    });
    for (const fusion of table.fusions)
      fusion.instance.attach(
        participants.map(({ name, role }) => ({ name, role })),
        this.statistics,
      );
  }

  /** Once, before anything else: hands out tables, restores `states` if there are any, lets the strategy begin. */
  async begin(states?: Readonly<Record<string, State>>): Promise<void> {
    await this.module.attach();
    if (states) await this.#load(states);
    await this.#table.strategy?.begin?.(this.module.bridge);
  }

  /** How often what failed without ending the run, by who and what. */
  get faults(): Readonly<Record<string, number>> {
    return this.#faults.counts;
  }

  /** Items known before the stream begins; a restored run has them already. */
  async addItems(items: readonly CatalogueItem[]): Promise<void> {
    for (const item of items) this.catalogue.upsert(item);
    await this.#bear();
  }

  /**
   * Tests and then trains on a batch of records. `atMs`: the clock when the batch was closed, from the journal, for
   * judging event times. `skip`: participants that sit it out. Returns the records that could not be used.
   */
  async process(records: readonly SourceRecord[], atMs: number, skip: ReadonlySet<string>): Promise<DeadLetter[]> {
    const start = this.#now();
    this.#attendance.next();
    const { interactions, dead } = this.#decode(records, atMs);
    const decoded = this.#now();
    const first = this.counts.events;
    this.#admit(interactions);
    await this.#bear();
    this.times.decode += decoded - start;
    this.times.dedupe += this.#now() - decoded;
    if (this.#learning.size === 0) return dead;
    await this.#test(first);
    await this.#train(first, skip);
    return dead;
  }

  /** Who a recommendation is for: a user as known now, asking at `atMs`; row −1 and no history if unknown. */
  contextsOf(user: string, atMs: number): UserContexts {
    const row = this.embeddings.index('user').get(user) ?? -1;
    this.#ranking.begin();
    this.#ranking.add(row, 0, this.histories.length(row), 0, atMs, true);
    return this.#ranking.contexts();
  }

  /** All catalogue rows, 0 … size − 1. Valid until the catalogue grows. */
  candidates(): Int32Array {
    const size = this.catalogue.size;
    if (this.#candidates.length < size) this.#candidates = allRows(Math.max(1024, size * 2));
    return this.#candidates.subarray(0, size);
  }

  /** The complete state, by component. */
  async save(): Promise<Record<string, State>> {
    const states: Record<string, State> = {};
    for (const [name, part] of this.#stateful()) states[name] = await part.save();
    return states;
  }

  async #load(states: Readonly<Record<string, State>>): Promise<void> {
    for (const [name, part] of this.#stateful()) await part.load(states[name]);
    this.#arrived = this.catalogue.size;
  }

  #stateful(): [string, Stateful][] {
    return [
      ['tables', this.embeddings],
      ['catalogue', this.catalogue],
      ['statistics', this.statistics],
      ['histories', this.histories],
      ['memory', this.#memory],
      ['dedupe', this.#dedupe],
      ['prequential', this.prequential],
      ['loop', new LoopState(this.#table, this.counts)],
      ...this.#table.seats.map(({ part, instance }): [string, Stateful] => [`participant/${part.name}`, instance]),
      ...(this.#table.strategy ? [['sharing', this.#table.strategy] as [string, Stateful]] : []),
      ...this.#table.fusions.map(({ name, instance }): [string, Stateful] => [`fusion/${name}`, instance]),
    ];
  }

  #decode(records: readonly SourceRecord[], atMs: number): ReturnType<typeof decodeRecords> {
    const rules = { notBeforeMs: this.#notBeforeMs, notAfterMs: atMs + this.#table.composition.training.time.aheadMs };
    const decoded = decodeRecords(records, rules, atMs);
    for (const item of decoded.items) this.catalogue.upsert(item);
    this.counts.records += records.length;
    this.counts.items += decoded.items.length;
    this.counts.bad += decoded.dead.length;
    return decoded;
  }

  /** New events among the interactions become the rows of the batch, each with its user's history, which then has it. */
  #admit(interactions: readonly Interaction[]): void {
    const { minValue = -Infinity, kinds } = this.#table.composition.training.positive;
    const users = this.embeddings.index('user');
    this.#learning.begin();
    for (const { id, user, item, kind, value, atMs } of interactions) {
      if (id !== undefined && this.#dedupe.seen(id)) this.counts.duplicates++;
      else if (value < minValue || (kinds !== undefined && !kinds.includes(kind))) this.counts.ignored++;
      else {
        const userRow = users.add(user);
        const itemRow = this.catalogue.add(item);
        const position = this.histories.length(userRow);
        this.histories.append(userRow, itemRow);
        this.#learning.add(userRow, itemRow, position, value, atMs, true);
      }
    }
    this.counts.events += this.#learning.size;
  }

  /** Rows for whoever is new. */
  async #bear(): Promise<void> {
    this.embeddings.ensureRows('user');
    this.embeddings.ensureRows('item');
    const items = this.catalogue.size;
    this.statistics.reserve(this.embeddings.index('user').size, items);
    const arrived = this.candidates().subarray(this.#arrived, items);
    try {
      if (arrived.length > 0) await this.#strategy?.arrive?.(arrived, this.module.bridge);
      this.#arrived = items;
    } catch (error) {
      // Who is away is told of them with those that come next.
      if (!(error instanceof Away)) throw error;
    }
  }

  /** Ranks the new events by what everybody knew before them. */
  async #test(first: number): Promise<void> {
    const start = this.#now();
    const batch = this.#learning.batch(first);
    const { users, items, positions } = batch;
    const { share } = this.#table.composition.training.rank;
    const ranked: number[] = [];
    this.#ranking.begin();
    for (let row = 0; row < batch.size; row++) {
      if (share < 1 && this.#rng.next() >= share) continue;
      // An item met before is masked, so its place means nothing.
      if (this.histories.hasBefore(users[row], positions[row], items[row])) continue;
      this.#ranking.add(users[row], items[row], positions[row], batch.values[row], batch.atMs[row], true);
      ranked.push(row);
    }
    if (ranked.length === 0) return;
    const contexts = this.#ranking.batch(first);
    const heard = await opinions(contexts, this.candidates(), this.#seats, this.histories);
    const absent = heard.experts.map(({ name }) => name).filter((name) => this.#attendance.isAway(name));
    if (absent.length === heard.experts.length) return;
    const judged = this.#now();
    const ranks = rankTargets(heard, contexts.items, this.#table.fusions);
    for (const name of absent) ranks[name].fill(-1);
    this.prequential.add({
      ranks,
      itemCounts: this.statistics.itemCounts,
      items: contexts.items,
      userPositions: contexts.positions,
    });
    if (absent.length === 0) for (const { instance } of this.#table.fusions) instance.learn?.(heard, contexts.items);
    this.times.rank += judged - start;
    this.times.fuse += this.#now() - judged;
    this.#strategy?.observe?.({ batch, ranks: spread(ranks, ranked, batch.size) });
  }

  /** Learns the new events and some earlier ones. */
  async #train(first: number, skip: ReadonlySet<string>): Promise<void> {
    const { replay } = this.#table.composition.training;
    const memory = this.#memory;
    const replays = memory.size === 0 ? 0 : Math.round(replay * this.#learning.size);
    for (let k = 0; k < replays; k++) memory.replay(this.#rng, this.#learning);
    const batch = this.#learning.batch(first);
    this.losses = await coTrainingStep(
      batch,
      this.#seats,
      this.module,
      this.#strategy,
      skip,
      this.times,
      this.#now,
      1,
      this.#faults,
    );
    this.#attendance.requireAny(this.#seats.flatMap(({ part, instance }) => (instance.learn ? [part.name] : [])));
    for (let row = 0; row < batch.fresh; row++) {
      memory.add(batch.users[row], batch.items[row], batch.positions[row], batch.values[row], batch.atMs[row]);
      this.statistics.count(batch.users[row], batch.items[row]);
    }
  }
}
