import { PLUGIN_KINDS, z, type PluginKind } from '@tandem-rec/contract';
import { valueAt, type Path } from './path.ts';

/** A JSON Schema node, as plain data. */
export type JsonSchema = { readonly [key: string]: unknown };

/** The draft-07 form of an option schema as a user may write it. What JSON Schema cannot say becomes "anything". */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', target: 'draft-07', unrepresentable: 'any' }) as JsonSchema;

/** What an option schema knows about its paths: for messages that say what is allowed, and for keeping secrets. */
export class OptionSchema {
  readonly #root: JsonSchema;

  constructor(schema: z.ZodType) {
    this.#root = jsonSchemaOf(schema);
  }

  /** Names that the object at a path may have, over all its alternatives. */
  names(path: Path): readonly string[] {
    return [
      ...new Set(this.#at(path).flatMap((node) => Object.keys((node['properties'] as object | undefined) ?? {}))),
    ];
  }

  /** What may stand at a path, in words; undefined if the schema does not say. */
  allowed(path: Path): string | undefined {
    const words = new Set(
      this.#at(path)
        .map(inWords)
        .filter((word) => word !== undefined),
    );
    return words.size === 0 ? undefined : [...words].join(' or ');
  }

  /** Values of an enumeration at a path. */
  choices(path: Path): readonly string[] {
    return this.#at(path).flatMap((node) =>
      (node['const'] === undefined ? ((node['enum'] as unknown[] | undefined) ?? []) : [node['const']]).map(String),
    );
  }

  /** The kind of plugin that belongs at a path, if one does. */
  pluginKind(path: Path): PluginKind | undefined {
    return this.#at(path)
      .map(pluginKindOf)
      .find((kind) => kind !== undefined);
  }

  isSecret(path: Path): boolean {
    for (let length = 0; length <= path.length; length += 1) {
      if (this.#at(path.slice(0, length), (node) => node['secret'] === true).length > 0) return true;
    }
    return false;
  }

  /** Every alternative at a path, references and unions resolved; with `marked`, nodes on the way for which it holds. */
  #at(path: Path, marked?: (node: JsonSchema) => boolean): readonly JsonSchema[] {
    return path.reduce<readonly JsonSchema[]>(
      (nodes, step, at) =>
        nodes
          .flatMap((node) => child(node, step))
          .flatMap((node) => this.#alternatives(node, at === path.length - 1 ? marked : undefined)),
      this.#alternatives(this.#root, path.length === 0 ? marked : undefined),
    );
  }

  #alternatives(
    node: JsonSchema,
    marked?: (node: JsonSchema) => boolean,
    seen: readonly JsonSchema[] = [],
  ): readonly JsonSchema[] {
    if (seen.includes(node)) return [];
    if (marked?.(node)) return [node];
    const inner: JsonSchema[] = ['anyOf', 'oneOf', 'allOf'].flatMap(
      (key) => (node[key] as JsonSchema[] | undefined) ?? [],
    );
    const reference = node['$ref'];
    if (typeof reference === 'string') {
      const target = valueAt(
        this.#root,
        reference
          .split('/')
          .slice(1)
          .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')),
      );
      if (typeof target === 'object' && target !== null) inner.push(target as JsonSchema);
    }
    if (inner.length === 0) return marked === undefined ? [node] : [];
    return inner.flatMap((next) => this.#alternatives(next, marked, [...seen, node]));
  }
}

/** The kind of plugin that a node stands for: `pluginUseSchema` marks it. */
export const pluginKindOf = ({ pluginKind }: JsonSchema): PluginKind | undefined =>
  PLUGIN_KINDS.find((kind) => kind === pluginKind);

function child(node: JsonSchema, step: string | number): readonly JsonSchema[] {
  const named = (node['properties'] as Record<string, JsonSchema> | undefined)?.[step];
  if (named !== undefined) return [named];
  const rest =
    typeof step === 'number'
      ? Array.isArray(node['items'])
        ? node['items'][step]
        : node['items']
      : node['additionalProperties'];
  return typeof rest === 'object' && rest !== null ? [rest as JsonSchema] : [];
}

function inWords(node: JsonSchema): string | undefined {
  if (node['const'] !== undefined) return JSON.stringify(node['const']);
  if (Array.isArray(node['enum'])) return node['enum'].map((value) => JSON.stringify(value)).join(' or ');
  const type = node['type'];
  if (Array.isArray(type)) return type.join(' or ');
  if (type === 'number' || type === 'integer') return `${type === 'integer' ? 'an integer' : 'a number'}${range(node)}`;
  if (type === 'array')
    return `a list${typeof node['minItems'] === 'number' && node['minItems'] > 0 ? ` of at least ${node['minItems']}` : ''}`;
  if (type === 'object') return 'a mapping';
  if (type === 'string') return typeof node['pattern'] === 'string' ? `a string like ${node['pattern']}` : 'a string';
  return typeof type === 'string' ? `a ${type}` : undefined;
}

/** JSON Schema writes JavaScript's integer limits where an author wrote none. */
function range(node: JsonSchema): string {
  const limits: string[] = [];
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = node as Record<string, number | undefined>;
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) limits.push(`≥ ${minimum}`);
  if (exclusiveMinimum !== undefined) limits.push(`> ${exclusiveMinimum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) limits.push(`≤ ${maximum}`);
  if (exclusiveMaximum !== undefined) limits.push(`< ${exclusiveMaximum}`);
  return limits.length === 0 ? '' : ` ${limits.join(' and ')}`;
}
