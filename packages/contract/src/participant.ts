import { token, type Token } from './token.ts';
import type { Batch, Candidates, Scores, UserContexts } from './batch.ts';
import type { Catalogue, Statistics } from './catalogue.ts';
import type { Layer, Side } from './knowledge.ts';
import type { Lesson } from './lesson.ts';
import type { Matrix, Rows } from './matrix.ts';
import type { Stateful } from './state.ts';
import type { GrantedTable, RowGradients } from './table.ts';

/** What a participant is handed once, after it was created and before anything else. */
export interface Attachment {
  /** The tables it asked for, by short name, with access `assign`. */
  readonly own: Readonly<Record<string, GrantedTable>>;
  /** Tables of others that the sharing strategy lets it read or train. */
  readonly shared: readonly GrantedTable[];
  readonly catalogue: Catalogue;
  readonly statistics: Statistics;
}

/** What one step of learning did. Arrays may be reused by the participant's next step. */
export interface Step {
  /** Mean losses by name, for example `{ ranking: 6.1, distillation: 0.2 }`. */
  readonly losses: Readonly<Record<string, number>>;
  /** Gradients for shared tables it trains; the engine applies them at the end of the step in a fixed order. */
  readonly rowGradients: readonly RowGradients[];
}

/** Events by user: those of user u are at `offsets[u] … offsets[u + 1] - 1`, oldest first. An item may occur twice. */
export interface Timelines {
  /** Length: users + 1. */
  readonly offsets: Int32Array;
  readonly items: Rows;
  readonly values: Float32Array;
  /** Event times, milliseconds since the epoch; zeros where the data has none. */
  readonly atMs: Float64Array;
}

/** How a step is to be made. */
export interface LearnOptions {
  /** Changes nothing and reports the losses only. Default false. */
  readonly dryRun?: boolean;
  /**
   * Factor of the learning rates of this step, ≥ 0, for schedules: the participant scales those of its own weights, the
   * engine those of the tables. Who has no learning rate (counts, closed forms) learns as ever. Default 1.
   */
  readonly rate?: number;
}

/** A whole training set, for `fit`. Histories are leak-free: each event sees only what came before it. */
export interface Interactions {
  readonly size: number;
  readonly users: number;
  readonly items: number;
  /** All events by user: sequences, and the rows of the sparse matrix users × items. */
  readonly timelines: Timelines;
  /** Events in the order of training data, each with its history then. `order`: positions of the events wanted, in that order. */
  batch(order: Int32Array): Batch;
}

/** One run of `fit`. */
export interface FitRun {
  readonly signal: AbortSignal;
  /** Upper bound on passes over the data. */
  readonly epochs: number;
  /** Called after each pass; `stop: true` in the answer ends the training (early stopping on validation). */
  epoch(progress: { readonly epoch: number; readonly loss: number }): Promise<{ readonly stop: boolean }>;
}

/** About whom or what to say something. */
export interface Subject {
  readonly side: Side;
  readonly row: number;
  /** For a user: the history to speak of, newest first. */
  readonly history?: Rows;
}

/**
 * A model at the table: a domain model or a language model. What it gives and takes is declared in its definition, so
 * that a composition is checked before anything is created; only the methods behind that declaration must be there.
 * The engine calls one method at a time.
 */
export interface Participant extends Stateful {
  /** Once, before anything else. */
  attach(attachment: Attachment): void | Promise<void>;
  /**
   * Learns from a batch and from lessons made for it.
   * The rows of new users and items exist already; the counts of `Statistics` do not include the batch yet.
   */
  learn?(batch: Batch, lessons: readonly Lesson[], how?: LearnOptions): Promise<Step>;
  /**
   * Trains on a whole set in its own way (closed forms, own schedules). Without it the engine runs epochs of `learn`.
   * It may assign its own tables.
   */
  fit?(data: Interactions, run: FitRun): Promise<void>;
  /** Scores candidates for users. Pure: it changes no state that a checkpoint would show. */
  predict(users: UserContexts, items: Candidates): Promise<Scores>;
  /**
   * Vectors of users or items; gives `representations`. They come from the participant's own knowledge, without rows of
   * tables that it merely reads: what a teacher hears back must not be its own echo. Default of `layer`: `top`; who has
   * nothing else answers so for `input`, too.
   */
  represent?(side: Side, rows: Rows, layer?: Layer): Promise<Matrix>;
  /** Words about a user or an item; gives `text`. */
  describe?(subject: Subject): Promise<string>;
  /** What it has learned or used, for people: for example the tokens of a hosted model. */
  explain?(): Readonly<Record<string, unknown>>;
  close?(): void | Promise<void>;
}

/** A recommender that knows the community: it learns from who met what. */
export interface DomainModel extends Participant {}

/** A model that knows the world: it learns from, or speaks in, words. */
export interface LanguageModel extends Participant {}

/** Token of the extension point of the same name. */
export const DomainModel: Token<DomainModel> = token('DomainModel');

/** Token of the extension point of the same name. */
export const LanguageModel: Token<LanguageModel> = token('LanguageModel');
