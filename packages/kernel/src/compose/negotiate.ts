import type {
  DefinitionOf,
  Grant,
  Knowledge,
  Needs,
  Part,
  ParticipantPart,
  PluginKind,
  Role,
} from '@tandem-rec/contract';
import { nearest } from '../nearest.ts';
import type { Path } from '../path.ts';
import type { Installed } from '../plugins/discover-plugins.ts';
import { loadInstalled } from '../plugins/load-plugin.ts';
import type { Problems } from '../problem.ts';
import { byOptions } from './make-part.ts';

type Direction = keyof Needs;

/** Something that a strategy needs of a role and nobody there has. */
interface UnmetNeed {
  readonly role: Role;
  readonly direction: Direction;
  readonly knowledge: Knowledge;
}

const KIND = { domain: 'domain-model', language: 'language-model' } as const;

/**
 * What a strategy needs against what the participants say: each need must be met by at least one participant of its
 * role (the strategy passes over the others), each table that it opens must be brought by one. Answers the grants.
 *
 * @param roles Those to check.
 */
export async function negotiate(
  sharing: { readonly part: Part<'sharing-strategy'>; readonly path: Path },
  participants: readonly ParticipantPart[],
  roles: readonly Role[],
  installed: () => Promise<Installed>,
  problems: Problems,
): Promise<readonly Grant[]> {
  const { part, path } = sharing;
  const definition: DefinitionOf<'sharing-strategy'> = part.definition;
  const unmet = unmetNeeds(byOptions(definition.needs, part.options), participants, roles);
  const fitting = unmet.length === 0 ? [] : await fittingStrategies(participants, await installed());
  const strategies =
    fitting.length === 0
      ? 'no installed strategy fits these participants'
      : `a strategy that fits: ${fitting.join(', ')}`;
  for (const { role, direction, knowledge } of unmet) {
    const present = participants.filter((one) => one.role === role);
    const providers = await whoCould(role, direction, knowledge, await installed());
    problems.add(path, {
      code: 'TANDEM_COMPOSE_MISSING_CAPABILITY',
      message: `Strategy "${part.name}" (${part.id}) needs a ${role} model that ${direction} ${knowledge}; ${presentAs(role, direction, present)}.`,
      received: present.map((one) => ({ name: one.name, plugin: one.id, [direction]: one[direction] })),
      allowed: `${providers.join(', ') || `no installed ${role} model ${direction} ${knowledge}: install one`}; or ${strategies}`,
      plugin: part.id,
    });
  }
  const grants = byOptions(definition.grants ?? [], part.options);
  for (const grant of grants.filter(({ of }) => roles.includes(of))) checkGrant(grant, sharing, participants, problems);
  return grants;
}

function unmetNeeds(
  needs: Readonly<Record<Role, Needs>>,
  participants: readonly ParticipantPart[],
  roles: readonly Role[],
): readonly UnmetNeed[] {
  return roles.flatMap((role) =>
    (['gives', 'takes'] as const).flatMap((direction) =>
      needs[role][direction]
        .filter((knowledge) => !participants.some((one) => one.role === role && one[direction].includes(knowledge)))
        .map((knowledge) => ({ role, direction, knowledge })),
    ),
  );
}

/** Installed strategies whose needs these participants meet and whose tables they bring, under default options. */
async function fittingStrategies(participants: readonly ParticipantPart[], installed: Installed): Promise<string[]> {
  return installedThat(installed, 'sharing-strategy', ({ needs, grants = [] }, options) => {
    const granted = byOptions(grants, options);
    return (
      unmetNeeds(byOptions(needs, options), participants, ['domain', 'language']).length === 0 &&
      granted.every(({ of, table }) =>
        participants.some((one) => one.role === of && one.tables.some(({ name }) => name === table)),
      )
    );
  });
}

function presentAs(role: Role, direction: Direction, present: readonly ParticipantPart[]): string {
  if (present.length === 0) return `there is no ${role} model`;
  return present
    .map((one) => `"${one.name}" (${one.id}) ${direction} ${one[direction].join(', ') || 'nothing'}`)
    .join('; ');
}

function checkGrant(
  grant: Grant,
  { part, path }: { readonly part: Part; readonly path: Path },
  participants: readonly ParticipantPart[],
  problems: Problems,
): void {
  const side = participants.filter((one) => one.role === grant.of);
  const tables = [...new Set(side.flatMap((one) => one.tables.map((table) => table.name)))];
  if (tables.includes(grant.table)) return;
  const near = nearest(grant.table, tables);
  const have = side
    .map((one) => `"${one.name}" (${one.id}) brings ${one.tables.map((table) => table.name).join(', ') || 'none'}`)
    .join('; ');
  problems.add(path, {
    code: 'TANDEM_COMPOSE_MISSING_TABLE',
    message: `Strategy "${part.name}" (${part.id}) opens the table "${grant.table}" of the ${grant.of} models; ${have || `there is no ${grant.of} model`}.`,
    received: grant.table,
    ...(tables.length === 0 ? {} : { allowed: tables.join(', ') }),
    ...(near === undefined ? {} : { nearest: near }),
    plugin: part.id,
  });
}

/** Installed participants that would do with their default options. */
async function whoCould(
  role: Role,
  direction: Direction,
  knowledge: Knowledge,
  installed: Installed,
): Promise<string[]> {
  return installedThat(installed, KIND[role], (definition, options) =>
    byOptions(definition[direction], options).includes(knowledge),
  );
}

/** Installed plugins of a kind that pass, asked with their default options. Those that cannot be loaded, or need options, are passed over. */
async function installedThat<K extends PluginKind>(
  installed: Installed,
  kind: K,
  passes: (definition: DefinitionOf<K>, options: unknown) => boolean,
): Promise<string[]> {
  const able = await Promise.all(
    installed.plugins
      .filter((one) => one.kind === kind)
      .map(async (one) => {
        try {
          const { definition } = await loadInstalled(one);
          const options: unknown = await definition.options.parseAsync({});
          return passes(definition as unknown as DefinitionOf<K>, options) ? one.id : undefined;
        } catch {
          return undefined;
        }
      }),
  );
  return able.filter((id) => id !== undefined);
}
