import { z } from 'zod';
import type { CheckpointStore } from './checkpoint-store.ts';
import type { DatasetReader } from './dataset-reader.ts';
import type { Environment } from './environment.ts';
import type { Fusion } from './fusion.ts';
import type { InteractionSink, InteractionSource } from './interaction-source.ts';
import type { Knowledge } from './knowledge.ts';
import type { DomainModel, LanguageModel } from './participant.ts';
import type { Grant, Needs, SharingStrategy } from './sharing-strategy.ts';
import type { TableRequest } from './table.ts';

/** Version of this contract. Plugins written for another major version are refused. */
export const CONTRACT_VERSION = '0.1.0';

/** The extension points, by the name used in messages, `tandem create plugin` and `package.json`. */
export const PLUGIN_KINDS = [
  'domain-model',
  'language-model',
  'sharing-strategy',
  'fusion',
  'interaction-source',
  'checkpoint-store',
  'dataset-reader',
] as const;
export type PluginKind = (typeof PLUGIN_KINDS)[number];

type Promised<T> = T | Promise<T>;
type Schema = z.ZodType;

/** What every definition says. `O`: the validated options. */
interface Definition<S extends Schema, T> {
  /** `<package>#<export>`, for example `@tandem-rec/model-factorisation#bpr`: how YAML names it and checkpoints remember it. */
  readonly id: `${string}#${string}`;
  /** One line for people. */
  readonly summary: string;
  /** A zod object schema: validation, defaults, documentation and editor completion come from it. */
  readonly options: S;
  /** Makes the component. Nothing may happen before it: loading a configuration has no side effects. */
  readonly create: (options: z.output<S>, env: Environment) => Promised<T>;
}

/** A fixed list, or one that depends on the options. */
export type ByOptions<O, T> = T | ((options: O) => T);

interface ParticipantFields<S extends Schema> {
  readonly gives: ByOptions<z.output<S>, readonly Knowledge[]>;
  readonly takes: ByOptions<z.output<S>, readonly Knowledge[]>;
  /** Tables of the shared embeddings it brings. */
  readonly tables?: ByOptions<z.output<S>, readonly TableRequest[]>;
}

export interface DomainModelDefinition<S extends Schema> extends Definition<S, DomainModel>, ParticipantFields<S> {}
export interface LanguageModelDefinition<S extends Schema> extends Definition<S, LanguageModel>, ParticipantFields<S> {}
export interface SharingStrategyDefinition<S extends Schema> extends Definition<S, SharingStrategy> {
  readonly needs: ByOptions<z.output<S>, { readonly domain: Needs; readonly language: Needs }>;
  readonly grants?: ByOptions<z.output<S>, readonly Grant[]>;
}
export interface FusionDefinition<S extends Schema> extends Definition<S, Fusion> {}
export interface InteractionSourceDefinition<S extends Schema> extends Definition<S, InteractionSource> {
  /** The writing end, where there is one. */
  readonly createSink?: (options: z.output<S>, env: Environment) => Promised<InteractionSink>;
}
export interface CheckpointStoreDefinition<S extends Schema> extends Definition<S, CheckpointStore> {}
export interface DatasetReaderDefinition<S extends Schema> extends Definition<S, DatasetReader> {}

interface DefinitionsByKind<S extends Schema> {
  'domain-model': DomainModelDefinition<S>;
  'language-model': LanguageModelDefinition<S>;
  'sharing-strategy': SharingStrategyDefinition<S>;
  fusion: FusionDefinition<S>;
  'interaction-source': InteractionSourceDefinition<S>;
  'checkpoint-store': CheckpointStoreDefinition<S>;
  'dataset-reader': DatasetReaderDefinition<S>;
}

/** The definition behind a plugin of kind `K`, for the kernel. */
export type DefinitionOf<K extends PluginKind, S extends Schema = Schema> = DefinitionsByKind<S>[K];

/** A plugin with its options, as a configuration holds it. Opaque and versioned; told apart by `$type`, never by `instanceof`. */
export interface PluginUse<K extends PluginKind = PluginKind> {
  readonly $type: '@tandem-rec/plugin-use';
  readonly contract: string;
  readonly kind: K;
  readonly id: string;
  /** Name in the composition; default: the part of the id after `#`. */
  readonly as?: string;
  /** As written; validated when the pipeline is composed. */
  readonly options: unknown;
  readonly definition: DefinitionOf<K>;
}

/** A plugin factory: call it with options to use it in a configuration. */
export interface PluginFactory<K extends PluginKind, S extends Schema> {
  (
    ...args: Record<string, never> extends z.input<S>
      ? [options?: z.input<S> & { readonly as?: never }, more?: { readonly as: string }]
      : [options: z.input<S>, more?: { readonly as: string }]
  ): PluginUse<K>;
  readonly $type: '@tandem-rec/plugin';
  readonly contract: string;
  readonly kind: K;
  readonly definition: DefinitionOf<K, S>;
}

function definePlugin<K extends PluginKind, S extends Schema>(
  kind: K,
  definition: DefinitionOf<K, S>,
): PluginFactory<K, S> {
  const use = (options: unknown = {}, more: { readonly as?: string } = {}): PluginUse<K> =>
    Object.freeze({
      $type: '@tandem-rec/plugin-use',
      contract: CONTRACT_VERSION,
      kind,
      id: definition.id,
      ...(more.as === undefined ? {} : { as: more.as }),
      options,
      definition: definition as unknown as DefinitionOf<K>,
    });
  return Object.freeze(
    Object.assign(use, { $type: '@tandem-rec/plugin', contract: CONTRACT_VERSION, kind, definition } as const),
  ) as unknown as PluginFactory<K, S>;
}

/** Defines a domain model: a recommender that learns from who met what. */
export const defineDomainModel = <S extends Schema>(
  definition: DomainModelDefinition<S>,
): PluginFactory<'domain-model', S> => definePlugin('domain-model', definition);

/** Defines a language model that can sit at the table. */
export const defineLanguageModel = <S extends Schema>(
  definition: LanguageModelDefinition<S>,
): PluginFactory<'language-model', S> => definePlugin('language-model', definition);

/** Defines who teaches what to whom, and when. */
export const defineSharingStrategy = <S extends Schema>(
  definition: SharingStrategyDefinition<S>,
): PluginFactory<'sharing-strategy', S> => definePlugin('sharing-strategy', definition);

/** Defines a way to make one ranking of several. */
export const defineFusion = <S extends Schema>(definition: FusionDefinition<S>): PluginFactory<'fusion', S> =>
  definePlugin('fusion', definition);

/** Defines where interactions come from. */
export const defineInteractionSource = <S extends Schema>(
  definition: InteractionSourceDefinition<S>,
): PluginFactory<'interaction-source', S> => definePlugin('interaction-source', definition);

/** Defines where a run keeps its checkpoints, journal and dead letters. */
export const defineCheckpointStore = <S extends Schema>(
  definition: CheckpointStoreDefinition<S>,
): PluginFactory<'checkpoint-store', S> => definePlugin('checkpoint-store', definition);

/** Defines a reader of a dataset's files. */
export const defineDatasetReader = <S extends Schema>(
  definition: DatasetReaderDefinition<S>,
): PluginFactory<'dataset-reader', S> => definePlugin('dataset-reader', definition);

/** True for what a factory of any copy of this package returns. */
export const isPluginUse = (value: unknown): value is PluginUse =>
  typeof value === 'object' && value !== null && (value as { $type?: unknown }).$type === '@tandem-rec/plugin-use';

/** True for a factory made by any copy of this package. */
export const isPlugin = (value: unknown): value is PluginFactory<PluginKind, Schema> =>
  typeof value === 'function' && (value as { $type?: unknown }).$type === '@tandem-rec/plugin';
