import type { Part, PluginKind } from '@tandem-rec/contract';
import type { Path } from '../path.ts';
import type { Problems } from '../problem.ts';

/** A part and where it stands. */
export interface Named<K extends PluginKind = PluginKind> {
  readonly part: Part<K>;
  readonly path: Path;
  /** Its name was chosen with `as`. */
  readonly chosen: boolean;
}

/** Names of states that the engine keeps beside those of the parts. */
const RESERVED = ['tables', 'loop'];

/** The names of parts with state: unique, and fit for table and file names. */
export function checkNames(parts: readonly Named[], problems: Problems): void {
  const owners = new Map<string, Part>();
  for (const { part, path, chosen } of parts) {
    const at = chosen ? [...path, 'as'] : path;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part.name) || RESERVED.includes(part.name)) {
      problems.add(at, {
        code: 'TANDEM_CONFIG_WRONG_VALUE',
        message: `"${part.name}" cannot be the name of a part.`,
        received: part.name,
        allowed: `letters, digits, ".", "_" and "-", not ${RESERVED.join(' or ')}`,
        plugin: part.id,
      });
      continue;
    }
    const owner = owners.get(part.name);
    if (owner !== undefined) {
      problems.add(at, {
        code: 'TANDEM_COMPOSE_DUPLICATE_NAME',
        message: `Two parts are called "${part.name}": ${owner.id} and ${part.id}. Give one of them a name with "as".`,
        received: part.name,
        plugin: part.id,
      });
    }
    owners.set(part.name, part);
  }
}

/**
 * Parts of which there is one a place: where a name is taken (one reader can be dataset and catalogue), the place is
 * added to it. They have no state in a checkpoint, so nothing depends on it.
 */
export function nameApart(taken: readonly Named[], single: readonly (Named | undefined)[]): (Part | undefined)[] {
  const names = new Set(taken.map(({ part }) => part.name));
  return single.map((one) => {
    if (one === undefined) return undefined;
    const name = names.has(one.part.name) ? `${String(one.path[0])}:${one.part.name}` : one.part.name;
    names.add(name);
    return { ...one.part, name };
  });
}
