/** Keys and indices from the root of a configuration. */
export type Path = readonly (string | number)[];

/** For example `domain[0].options.dim`; the root is empty. */
export function renderPath(path: Path): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
}

/** The value at a path, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined,
    root,
  );
}
