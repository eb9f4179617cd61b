/** True for what a literal or a parser makes: no class, no array. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A frozen copy of the plain part of a value. Definitions of plugins and instances of classes are kept as they are:
 * freezing them would change things that are not ours.
 */
export function frozenCopy(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  if (!isPlainObject(value)) return value;
  return Object.freeze(
    Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === 'definition' ? inner : frozenCopy(inner)]),
    ),
  );
}
