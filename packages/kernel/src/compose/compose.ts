import type { Composition, Grant, Part, ParticipantPart, Role, TandemConfig } from '@tandem-rec/contract';
import { hashOf } from '../canonical.ts';
import { loadConfig, type LoadedConfig } from '../config/load-config.ts';
import type { Path } from '../path.ts';
import { isPlainObject } from '../plain.ts';
import type { Installed } from '../plugins/discover-plugins.ts';
import { Problems } from '../problem.ts';
import { checkOptions } from './check-options.ts';
import { describeComposition, describeOptions, NotPlainError } from './describe-composition.ts';
import { asParticipant, type ParticipantKind } from './make-part.ts';
import { checkNames, nameApart, type Named } from './names.ts';
import { negotiate } from './negotiate.ts';
import { PartReader } from './part-reader.ts';
import { searchIn } from './resolve-use.ts';
import { resolveNested } from './resolve-nested.ts';
import { comparisonWords, settingsSchema, settingsWords, type Settings } from './settings.ts';

const ROLES = ['domain', 'language'] as const satisfies readonly Role[];

export interface ComposeOptions {
  /** Installed plugins, where they are known already. Default: discovered from the configuration's folder when needed. */
  readonly installed?: Installed;
}

/**
 * A configuration as a composition: plugins found, every option validated, defaults filled in, capabilities negotiated.
 * Nothing is created. Two ways to write one composition give equal hashes.
 *
 * @param config What `loadConfig` answers; or a configuration as a value, then without the environment's overrides and with
 *   the working directory as its folder.
 *
 * Throws `TANDEM_CONFIG_INVALID` with **all** errors: `details.problems` is a list of `Problem`.
 */
export async function compose(config: LoadedConfig | TandemConfig, options: ComposeOptions = {}): Promise<Composition> {
  const loaded = isLoaded(config) ? config : await loadConfig(config, { env: {} });
  const problems = new Problems((path, what) => loaded.locate(path, what));
  const search = searchIn(loaded.folder, options.installed);

  const raw = isPlainObject(loaded.value) ? loaded.value : undefined;
  const compared = await resolveNested(raw?.['comparison'], comparisonWords, ['comparison'], search, problems);
  const settings = (await checkOptions(
    settingsSchema,
    settingsWords,
    compared === undefined ? loaded.value : { ...raw, comparison: compared },
    { of: 'the configuration', path: [] },
    problems,
  )) as Settings | undefined;
  const parts = new PartReader(search, problems);

  const domain = await parts.list(raw?.['domain'], 'domain-model', ['domain']);
  const language = await parts.list(raw?.['language'], 'language-model', ['language']);
  const sharing = await parts.one(raw?.['sharing'], 'sharing-strategy', ['sharing']);
  const fusions = await parts.list(raw?.['fusion'], 'fusion', ['fusion']);
  const source = await parts.one(raw?.['source'], 'interaction-source', ['source']);
  const store = await parts.one(raw?.['store'], 'checkpoint-store', ['store']);
  const catalogue = await parts.one(raw?.['catalogue'], 'dataset-reader', ['catalogue']);
  const dataset = await parts.one(raw?.['dataset'], 'dataset-reader', ['dataset']);

  if (raw !== undefined && !parts.met.has('domain-model') && !parts.met.has('language-model')) {
    parts.broken.add('domain-model');
    problems.add(
      ['domain'],
      {
        code: 'TANDEM_CONFIG_WRONG_VALUE',
        message: 'A composition needs at least one domain model, or a language model that serves alone.',
        allowed: 'a domain model, or a list of them',
      },
      'key',
    );
  }
  const stateful: readonly Named[] = [...domain, ...language, ...(sharing ? [sharing] : []), ...fusions];
  checkNames(stateful, problems);

  const participants: ParticipantPart[] = [];
  for (const { part, path } of [...domain, ...language]) {
    const participant = said(part, path, problems, () => asParticipant(part as Part<ParticipantKind>));
    if (participant === undefined) parts.broken.add(part.kind);
    else participants.push(participant);
  }
  // Where a participant could not be read, what is missing cannot be told.
  const roles = ROLES.filter((role) => !parts.broken.has(`${role}-model`));
  let grants: readonly Grant[] = [];
  if (sharing !== undefined) {
    try {
      grants = await negotiate(sharing, participants, roles, search.installed, problems);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.add(sharing.path, {
        code: 'TANDEM_CONFIG_WRONG_VALUE',
        message: `${sharing.part.id} cannot say what it needs: ${error.message}.`,
        plugin: sharing.part.id,
      });
    }
  }
  for (const { part, path } of [...stateful, ...(catalogue ? [catalogue] : [])])
    said(part, path, problems, () => describeOptions(part));
  problems.throwIfAny(loaded.file);

  const { name, seed, backend, training, evaluation, comparison, limits } = settings!;
  const [sourcePart, storePart, cataloguePart, datasetPart] = nameApart(stateful, [
    source,
    store,
    catalogue,
    dataset,
  ]) as [
    Part<'interaction-source'> | undefined,
    Part<'checkpoint-store'> | undefined,
    Part<'dataset-reader'> | undefined,
    Part<'dataset-reader'> | undefined,
  ];
  const composition = {
    name,
    seed,
    folder: loaded.folder,
    participants,
    sharing: sharing?.part,
    grants,
    fusions: fusions.map((one) => one.part),
    source: sourcePart,
    dataset: datasetPart,
    catalogue: cataloguePart,
    store: storePart,
    backend,
    training,
    evaluation,
    comparison,
    limits,
  };
  const description = describeComposition(composition);
  return Object.freeze({ ...composition, hash: hashOf(description), description });
}

/** What a plugin says about itself under its options; a problem where it cannot. */
function said<T>(part: Part, path: Path, problems: Problems, ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    const inside = error instanceof NotPlainError ? error.path : [];
    problems.add([...path, 'options', ...inside], {
      code: 'TANDEM_CONFIG_WRONG_VALUE',
      message: `${part.id}: ${(error as Error).message}.`,
      plugin: part.id,
    });
    return undefined;
  }
}

const isLoaded = (config: LoadedConfig | TandemConfig): config is LoadedConfig =>
  (config as Partial<LoadedConfig>).$type === '@tandem-rec/loaded-config';
