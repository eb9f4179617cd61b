import type { CheckpointInfo, JournalEntry, Lag, Offsets, Positions, SourceRecord } from '@tandem-rec/contract';
import { CoTrainer } from './co-trainer.ts';
import type { Table } from './table.ts';
import type { Ending, LoopTimes, LoopWorld, RunLimit } from './loop-world.ts';
import { platformDifferences } from './platform-differences.ts';
import { refuseOtherComposition } from './refuse-other-composition.ts';
import { SourceReader } from './source-reader.ts';
import { Turns } from './turns.ts';

/**
 * The long-running loop: records in, journal first, then test and train, and now and then a checkpoint.
 *
 * **Exactness.** A batch is fixed in the journal (partitions, offsets, decisions; durable) before it is trained. After a
 * crash the newest checkpoint is loaded, the journalled batches after it are read from the source again and processed as
 * decided then; the state is bit for bit what it would have been, on the same machine, backend and thread count.
 */
export class CoTrainingLoop {
  readonly trainer: CoTrainer;
  readonly times: LoopTimes = { wait: 0, journal: 0, checkpoint: 0 };
  /** The newest checkpoint of this run. */
  checkpointed: CheckpointInfo | undefined;
  lag: Lag | undefined;
  /** Batches repeated from the journal after a restart. */
  replayed = 0;
  readonly #table: Table;
  readonly #world: LoopWorld;
  readonly #turns = new Turns();
  readonly #reader: SourceReader;
  readonly #offsets = new Map<number, number>();
  readonly #language: readonly string[];
  #journalSequence = 0;
  /** Journal entries up to here are in the newest checkpoint. */
  #coveredSequence = 0;
  #checkpointSequence = 0;
  #recordsAtCheckpoint = 0;
  #checkpointAtMs = 0;
  #yieldedAtMs = 0;
  readonly #startedAtMs: number;
  #lock: { release(): Promise<void> } | undefined;
  #sourceOpen = false;
  /** The source reads partitions whose start is in no checkpoint yet. */
  #newPartitions = false;

  constructor(table: Table, world: LoopWorld) {
    this.#table = table;
    this.#world = world;
    const { source, clock, log } = world;
    this.#reader = new SourceReader(source, clock);
    this.trainer = new CoTrainer(table, () => clock.monotonicMs(), {
      log,
      clock,
      callMs: table.composition.limits.callMs,
    });
    this.#startedAtMs = world.clock.monotonicMs();
    this.#language = table.seats.filter(({ part }) => part.role === 'language').map(({ part }) => part.name);
  }

  /** Takes the run's lock and restores its newest checkpoint, if there is one. Before `run`. */
  async open(): Promise<void> {
    const { store, items, log, platform } = this.#world;
    this.#lock = await store.lock();
    const checkpoint = await store.read();
    if (checkpoint) refuseOtherComposition(checkpoint, this.#table.composition, this.#world.differences);
    await this.trainer.begin(checkpoint?.states);
    if (checkpoint) {
      this.#journalSequence = checkpoint.journalSequence;
      this.#coveredSequence = checkpoint.journalSequence;
      this.#checkpointSequence = checkpoint.sequence;
      for (const [partition, offset] of Object.entries(checkpoint.offsets))
        this.#offsets.set(Number(partition), offset);
      const differences = platformDifferences(checkpoint.platform, platform);
      if (differences.length > 0)
        log.warn(
          'The checkpoint was written on another platform: the run goes on, without the promise of equal bits.',
          {
            differences,
          },
        );
      log.info(`Resuming from checkpoint ${checkpoint.sequence}, ${this.trainer.counts.events} events learned.`);
    } else if (items) await this.trainer.addItems(await items());
    this.#recordsAtCheckpoint = this.trainer.counts.records;
    this.#checkpointAtMs = this.#world.clock.monotonicMs();
  }

  /**
   * Learns until the source has ended, `signal` aborts or the limit is reached. Ends on a batch boundary; the state is not
   * yet in a checkpoint then: call `close`.
   */
  async run(signal: AbortSignal, { records: most = Infinity, idleMs = Infinity }: RunLimit = {}): Promise<Ending> {
    const { batch } = this.#table.composition.training;
    const journalled = await this.#journalled();
    if (!(await this.#openSource(this.#start(journalled), signal))) return 'stopped';
    if (!(await this.#repeat(journalled, signal))) return 'stopped';
    let busyAtMs = this.#world.clock.monotonicMs();
    while (!signal.aborted) {
      if (this.trainer.counts.records >= most) return 'reached';
      this.times.wait += await this.#reader.fill(batch, signal);
      if (signal.aborted) break;
      const { records, segments } = this.#reader.take(batch.events);
      if (records.length === 0) {
        if (this.#reader.ended) return 'ended';
        if (this.#world.clock.monotonicMs() - busyAtMs >= idleMs && (await this.#reader.caughtUp(signal)))
          return 'reached';
        await this.#checkpointIfDue();
        continue;
      }
      busyAtMs = this.#world.clock.monotonicMs();
      const entry = this.#decide(segments);
      await this.#journal(entry);
      await this.#process(records, entry);
      await this.#checkpointIfDue();
      await this.#breathe();
    }
    return 'stopped';
  }

  /** Does something with the models between two batches, for example a recommendation. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  /** Writes everything the run is at this moment, between two batches; what of the journal the checkpoint before holds is then let go. */
  checkpoint(): Promise<CheckpointInfo> {
    return this.#turns.take(() => this.#write());
  }

  async #write(): Promise<CheckpointInfo> {
    const { store, clock, source, platform } = this.#world;
    const { hash, description } = this.#table.composition;
    const start = clock.monotonicMs();
    const info = await store.write({
      sequence: ++this.#checkpointSequence,
      atMs: clock.nowMs(),
      composition: { hash, description },
      platform,
      offsets: Object.fromEntries(this.#offsets) as Offsets,
      journalSequence: this.#journalSequence,
      states: await this.trainer.save(),
    });
    // Up to the checkpoint before: should this one's file be damaged, that one and the journal still make the same state.
    await store.journal.forget(this.#coveredSequence);
    this.#coveredSequence = this.#journalSequence;
    this.#newPartitions = false;
    if (this.#sourceOpen) {
      await source.commit?.(new Map(this.#offsets));
      this.lag = await source.lag?.();
    }
    this.checkpointed = info;
    this.#recordsAtCheckpoint = this.trainer.counts.records;
    this.#checkpointAtMs = clock.monotonicMs();
    this.times.checkpoint += this.#checkpointAtMs - start;
    return info;
  }

  /**
   * Last checkpoint (unless nothing happened since the newest one), then the lock goes. After a failure call it with
   * false: a state that may be half of a step is not written, and the journal repeats from the checkpoint before.
   */
  async close(intact = true): Promise<void> {
    try {
      const changed =
        this.trainer.counts.records > this.#recordsAtCheckpoint ||
        this.#newPartitions ||
        this.#checkpointSequence === 0;
      if (this.#lock && intact && changed) await this.checkpoint();
    } finally {
      await this.#lock?.release();
      this.#lock = undefined;
    }
  }

  /** The journal beyond the checkpoint. */
  async #journalled(): Promise<readonly JournalEntry[]> {
    const { store, log } = this.#world;
    const entries = await store.journal.after(this.#journalSequence);
    const [first, last] = [entries.at(0), entries.at(-1)];
    if (first === undefined || last === undefined || first.sequence === this.#journalSequence + 1) return entries;
    log.warn('The journal does not reach back to the checkpoint: the records after it are batched anew.', {
      checkpoint: this.#journalSequence,
      journal: first.sequence,
    });
    this.#journalSequence = last.sequence;
    await store.journal.forget(last.sequence);
    return [];
  }

  /**
   * Where to read on: after the checkpoint. A partition that no checkpoint knows begins where the journal says that it
   * began, wherever the source would begin today.
   */
  #start(journalled: readonly JournalEntry[]): Positions {
    const positions = new Map(this.#offsets);
    for (const { segments } of journalled)
      for (const { partition, from } of segments) if (!positions.has(partition)) positions.set(partition, from);
    return positions;
  }

  /** The offsets then name every partition, also those that deliver nothing for long. False if stopped while it waited. */
  async #openSource(positions: Positions, signal: AbortSignal): Promise<boolean> {
    const start = await this.#reader.open(positions, signal);
    if (start === undefined) return false;
    for (const [partition, offset] of start) {
      if (this.#offsets.has(partition)) continue;
      this.#offsets.set(partition, offset);
      this.#newPartitions = true;
    }
    this.#sourceOpen = true;
    return true;
  }

  /** Processes what the journal holds beyond the checkpoint, as it was decided then. False if stopped on the way. */
  async #repeat(entries: readonly JournalEntry[], signal: AbortSignal): Promise<boolean> {
    if (entries.length > 0) this.#world.log.info(`Repeating ${entries.length} batches from the journal.`);
    for (const entry of entries) {
      const records: SourceRecord[] = [];
      for (const segment of entry.segments) {
        const found = await this.#reader.takeAgain(segment, signal);
        if (found === undefined) return false;
        records.push(...found);
      }
      await this.#process(records, entry);
      this.replayed++;
      await this.#breathe();
    }
    return true;
  }

  /** Fixes a batch: what time decides is written down before it takes effect. */
  #decide(segments: JournalEntry['segments']): JournalEntry {
    return {
      sequence: this.#journalSequence + 1,
      segments,
      decisions: { atMs: this.#world.clock.nowMs(), skip: this.#overBudget() ? this.#language : [] },
    };
  }

  async #process(records: readonly SourceRecord[], entry: JournalEntry): Promise<void> {
    const { atMs, skip } = entry.decisions as { readonly atMs: number; readonly skip: readonly string[] };
    await this.#turns.take(async () => {
      const dead = await this.trainer.process(records, atMs, new Set(skip));
      if (dead.length > 0) await this.#world.store.deadLetters.add(dead);
      for (const { partition, to } of entry.segments) this.#offsets.set(partition, to + 1);
      this.#journalSequence = entry.sequence;
    });
  }

  async #journal(entry: JournalEntry): Promise<void> {
    const start = this.#world.clock.monotonicMs();
    await this.#world.store.journal.append(entry);
    this.times.journal += this.#world.clock.monotonicMs() - start;
  }

  /** True while the language side has had more than its share of the time since the process started. */
  #overBudget(): boolean {
    const { language } = this.#table.composition.training.budget;
    if (language >= 1) return false;
    const spent = this.#language.reduce((sum, name) => sum + (this.trainer.times.learnBy[name] ?? 0), 0);
    return spent > language * (this.#world.clock.monotonicMs() - this.#startedAtMs);
  }

  async #checkpointIfDue(): Promise<void> {
    const { everyEvents, everySeconds } = this.#table.composition.training.checkpoint;
    const records = this.trainer.counts.records - this.#recordsAtCheckpoint;
    const seconds = (this.#world.clock.monotonicMs() - this.#checkpointAtMs) / 1000;
    const changed = records > 0 || this.#newPartitions;
    if (records >= everyEvents || (changed && seconds >= everySeconds)) await this.checkpoint();
  }

  /** Lets timers and messages of this thread have their turn, every few milliseconds. */
  async #breathe(): Promise<void> {
    const now = this.#world.clock.monotonicMs();
    if (now - this.#yieldedAtMs < 10) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#yieldedAtMs = this.#world.clock.monotonicMs();
  }
}
