/** How far lessons are heard: the guard's weight of each popularity bucket, by lesson. */
export interface Heard {
  readonly [lesson: string]: { readonly buckets: readonly string[]; readonly weights: readonly number[] };
}

/** The newest weights among what a strategy explains, wherever guards stand in it. */
export function heardIn(explained: unknown): Heard {
  if (typeof explained !== 'object' || explained === null) return {};
  return Object.fromEntries(
    Object.entries(explained).flatMap(([lesson, inner]) => {
      const { buckets, weights } = (inner ?? {}) as Partial<Heard[string]>;
      return Array.isArray(buckets) && Array.isArray(weights)
        ? [[lesson, { buckets, weights }]]
        : Object.entries(heardIn(inner));
    }),
  );
}
