import { token, type Token } from './token.ts';
import type { Batch, Candidates, Scores, UserContexts } from './batch.ts';
import type { Catalogue, Statistics } from './catalogue.ts';
import type { Knowledge, Layer, Role, Side } from './knowledge.ts';
import type { Lesson } from './lesson.ts';
import type { Matrix, Rows } from './matrix.ts';
import type { Subject } from './participant.ts';
import type { Stateful } from './state.ts';
import type { TableAccess } from './table.ts';

/** What a strategy needs of a role before the composition is valid. */
export interface Needs {
  readonly gives: readonly Knowledge[];
  readonly takes: readonly Knowledge[];
}

/** "The tables named `table` of every participant in role `of` are opened to the other role." */
export interface Grant {
  readonly of: Role;
  /** Short name of the table, for example `item`. */
  readonly table: string;
  readonly access: Exclude<TableAccess, 'assign'>;
}

/** A shared table as the strategy sees it. */
export interface BridgeTable {
  /** Full name, for example `fism/item`. */
  readonly name: string;
  readonly side: Side;
  readonly dim: number;
  readonly rows: number;
  gather(rows: Rows, into: Float32Array): void;
  copy(count: number, into: Float32Array): void;
  assign(rows: Rows, values: Float32Array): void;
  /**
   * Rows born from now on get these values instead of random ones: write `rows.length × dim` into `into`.
   * Return false to leave this birth to the table's own initialiser.
   */
  initialise(initialiser: (rows: Rows, into: Float32Array) => boolean): void;
  /**
   * A prior: after each step the rows it touched move toward a target,
   * `row += weight · (target − row)`. Write the targets (`rows.length × dim`) and the weights (one per row, 0 to 1).
   */
  pull(prior: (rows: Rows, targets: Float32Array, weights: Float32Array) => void): void;
  /**
   * Hides the table from those it was granted to, or shows it again: hidden, they read zeros, and their gradients are
   * dropped. Shown at the start, and after a restart: a strategy that hides tables does so again in `begin`.
   */
  show(visible: boolean): void;
}

/** A participant as the strategy sees it. */
export interface BridgeParticipant {
  readonly name: string;
  readonly role: Role;
  readonly gives: readonly Knowledge[];
  readonly takes: readonly Knowledge[];
  /** Its own tables by short name. */
  readonly tables: Readonly<Record<string, BridgeTable>>;
  predict(users: UserContexts, items: Candidates): Promise<Scores>;
  /** Throws `TANDEM_COMPOSE_MISSING_CAPABILITY` if it does not give representations. */
  represent(side: Side, rows: Rows, layer?: Layer): Promise<Matrix>;
  /** Throws `TANDEM_COMPOSE_MISSING_CAPABILITY` if it does not give text. */
  describe(subject: Subject): Promise<string>;
}

/** The bridge for collaborative training: what a strategy sees of the others. */
export interface Bridge {
  readonly domain: readonly BridgeParticipant[];
  readonly language: readonly BridgeParticipant[];
  readonly catalogue: Catalogue;
  readonly statistics: Statistics;
}

/** Who learns what, now. */
export interface Plan {
  readonly lessons: readonly Lesson[];
  /** Names of those who learn from this batch. Default: all. */
  readonly learners?: readonly string[];
}

/** How each expert placed the true items of a batch's fresh rows, before anybody learned from them. */
export interface Outcome {
  readonly batch: Batch;
  /** By participant (and fusion) name: 0-based rank of the true item among all items not yet met; −1 where the row was not ranked. */
  readonly ranks: Readonly<Record<string, Int32Array>>;
}

/**
 * Who teaches what to whom, and when: the bridge of BDLM, generalised. A published method is a short file.
 * What it needs of the participants and which tables it opens is declared in its definition.
 */
export interface SharingStrategy extends Stateful {
  /** Once, after everybody was attached and before the first batch (again after `load`): initialisers and priors of tables. */
  begin?(bridge: Bridge): void | Promise<void>;
  /** Items that came into the catalogue since the last batch, before anybody ranks them: their rows are born, nobody met them. */
  arrive?(items: Rows, bridge: Bridge): Promise<void>;
  /** Before the participants learn from a batch: the lessons for it. */
  exchange(batch: Batch, bridge: Bridge): Promise<Plan>;
  /** What the batch showed about each side before it was learned: for guards, gates, phases. Called before `exchange`. */
  observe?(outcome: Outcome): void;
  /** What it has learned of its lessons, for people: for example their weights over time. */
  explain?(): Readonly<Record<string, unknown>>;
  close?(): void | Promise<void>;
}

/** Token of the extension point of the same name. */
export const SharingStrategy: Token<SharingStrategy> = token('SharingStrategy');
