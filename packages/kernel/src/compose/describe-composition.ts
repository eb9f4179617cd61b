import type { Composition, JsonValue, Part } from '@tandem-rec/contract';
import { OptionSchema } from '../option-schema.ts';
import { renderPath, type Path } from '../path.ts';
import { isPlainObject } from '../plain.ts';
import { withoutSecrets } from './without-secrets.ts';

/** A live object where only data can be written down. */
export class NotPlainError extends Error {
  readonly path: Path;

  constructor(path: Path, value: object) {
    super(
      `An object of class ${value.constructor.name} cannot be written down: give it as { id, create }, its id stands for it`,
    );
    this.path = path;
  }
}

/** What a checkpoint depends on, as plain data: see `Composition.hash`. Secrets are left out. */
export function describeComposition(
  composition: Pick<Composition, 'seed' | 'participants' | 'sharing' | 'fusions' | 'catalogue' | 'training'>,
): JsonValue {
  const { seed, participants, sharing, fusions, catalogue, training } = composition;
  const { checkpoint: _, ...learning } = training;
  return {
    seed,
    participants: participants.map(describePart),
    sharing: sharing === undefined ? null : describePart(sharing),
    fusions: fusions.map(describePart),
    // Its name has no state behind it.
    catalogue: catalogue === undefined ? null : { plugin: catalogue.id, options: describeOptions(catalogue) },
    training: asJson(learning, []),
  };
}

/** Options as plain data without secrets. Throws `NotPlainError`. */
export const describeOptions = (part: Part): JsonValue =>
  asJson(withoutSecrets(part.options, new OptionSchema(part.definition.options)), []);

const describePart = (part: Part): JsonValue => ({ name: part.name, plugin: part.id, options: describeOptions(part) });

function asJson(value: unknown, path: Path): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value))
    return value.map((inner: unknown, at) => (isSaid(inner) ? asJson(inner, [...path, at]) : null));
  if (isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => isSaid(inner))
        .map(([key, inner]) => [key, asJson(inner, [...path, key])]),
    );
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof URL || value instanceof RegExp || typeof value === 'bigint') return String(value);
  if (typeof value === 'object') throw new NotPlainError(path, value);
  throw new TypeError(`${renderPath(path)}: a ${typeof value} cannot be written down`);
}

/** The `create` of a live object is code: its `id` says which. */
const isSaid = (value: unknown): boolean =>
  value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
