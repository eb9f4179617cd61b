import type { PluginKind } from '@tandem-rec/contract';
import type { Path } from '../path.ts';
import type { Problems } from '../problem.ts';
import { makePart } from './make-part.ts';
import type { Named } from './names.ts';
import { resolveUse, type PluginSearch } from './resolve-use.ts';

/** Reads the plugins at the places of a configuration. */
export class PartReader {
  readonly #search: PluginSearch;
  readonly #problems: Problems;
  /** Kinds that stand somewhere, valid or not. */
  readonly met = new Set<PluginKind>();
  /** Kinds of which one could not be read. */
  readonly broken = new Set<PluginKind>();

  constructor(search: PluginSearch, problems: Problems) {
    this.#search = search;
    this.#problems = problems;
  }

  async one<K extends PluginKind>(raw: unknown, kind: K, path: Path): Promise<Named<K> | undefined> {
    if (raw === undefined || raw === null || raw === false) return undefined;
    this.met.add(kind);
    const use = await resolveUse(raw, kind, path, this.#search, this.#problems);
    const part = use && (await makePart(use, this.#search, this.#problems));
    if (part === undefined) this.broken.add(kind);
    return part && { part, path, chosen: use?.as !== undefined };
  }

  async list<K extends PluginKind>(raw: unknown, kind: K, path: Path): Promise<readonly Named<K>[]> {
    if (!Array.isArray(raw)) {
      const one = await this.one(raw, kind, path);
      return one === undefined ? [] : [one];
    }
    const found: Named<K>[] = [];
    for (const [at, inner] of raw.entries()) found.push(...(await this.list(inner, kind, [...path, at])));
    return found;
  }
}
