import type { Comparison, Evaluation, Limits, Training } from './config.ts';
import type { JsonValue } from './json.ts';
import type { Knowledge, Role } from './knowledge.ts';
import type { DefinitionOf, PluginKind } from './plugin.ts';
import type { Grant } from './sharing-strategy.ts';
import type { TableRequest } from './table.ts';

/** A plugin whose options are valid, under its name in the composition. */
export interface Part<K extends PluginKind = PluginKind> {
  readonly kind: K;
  /** Unique in the composition. */
  readonly name: string;
  readonly id: string;
  /** Validated, defaults filled in. */
  readonly options: unknown;
  readonly definition: DefinitionOf<K>;
}

/** A participant whose capabilities are known. */
export interface ParticipantPart<
  K extends 'domain-model' | 'language-model' = 'domain-model' | 'language-model',
> extends Part<K> {
  readonly role: Role;
  readonly gives: readonly Knowledge[];
  readonly takes: readonly Knowledge[];
  readonly tables: readonly TableRequest[];
}

/** A validated configuration: everything is known to fit, nothing has been created. Made by the kernel. */
export interface Composition {
  readonly name: string;
  readonly seed: number;
  /** Folder of the configuration file, for relative paths. */
  readonly folder: string;
  /** Participants in order: domain models, then language models. */
  readonly participants: readonly ParticipantPart[];
  readonly sharing: Part<'sharing-strategy'> | undefined;
  readonly grants: readonly Grant[];
  readonly fusions: readonly Part<'fusion'>[];
  readonly source: Part<'interaction-source'> | undefined;
  readonly dataset: Part<'dataset-reader'> | undefined;
  readonly catalogue: Part<'dataset-reader'> | undefined;
  readonly store: Part<'checkpoint-store'> | undefined;
  readonly backend: 'native' | 'wasm' | 'cpu' | undefined;
  readonly training: Training;
  readonly evaluation: Evaluation;
  readonly comparison: Comparison;
  readonly limits: Limits;
  /**
   * Hash of what a checkpoint depends on: seed, participants, sharing, fusions, catalogue and the training settings that change results (not source,
   * store, limits or checkpoint intervals: they may change between runs).
   */
  readonly hash: string;
  /** The same in readable form, to name differences. */
  readonly description: JsonValue;
}
