import type { DefinitionOf, Part, ParticipantPart, PluginKind } from '@tandem-rec/contract';
import { OptionSchema } from '../option-schema.ts';
import { frozenCopy } from '../plain.ts';
import type { Problems } from '../problem.ts';
import { checkOptions } from './check-options.ts';
import { resolveNested } from './resolve-nested.ts';
import { nameOf, type PluginSearch, type ResolvedUse } from './resolve-use.ts';

export type ParticipantKind = 'domain-model' | 'language-model';

/** A plugin with valid options; undefined, with problems, if they are not. */
export async function makePart<K extends PluginKind>(
  use: ResolvedUse<K>,
  search: PluginSearch,
  problems: Problems,
): Promise<Part<K> | undefined> {
  const definition: DefinitionOf<PluginKind> = use.definition;
  const { id } = definition;
  const before = problems.found.length;
  const words = new OptionSchema(definition.options);
  const path = [...use.path, 'options'];
  const options = await checkOptions(
    definition.options,
    words,
    await resolveNested(use.options, words, path, search, problems),
    { of: id, plugin: id, path },
    problems,
  );
  if (problems.found.length > before) return undefined;
  return { kind: use.kind, name: use.as ?? nameOf(id), id, options: frozenCopy(options), definition: use.definition };
}

/** A part with what it gives, takes and brings under its options. */
export function asParticipant<K extends ParticipantKind>(part: Part<K>): ParticipantPart<K> {
  const definition: DefinitionOf<ParticipantKind> = part.definition;
  return {
    ...part,
    role: part.kind === 'domain-model' ? 'domain' : 'language',
    gives: byOptions(definition.gives, part.options),
    takes: byOptions(definition.takes, part.options),
    tables: byOptions(definition.tables ?? [], part.options),
  };
}

/** What a definition says outright, or by its options. */
export function byOptions<T>(said: T | ((options: unknown) => T), options: unknown): T {
  return typeof said === 'function' ? (said as (options: unknown) => T)(options) : said;
}
