import type { LessonWeights, RunCost } from './run-result.ts';

/** The guard's weights among what strategies explain, wherever they stand: a report by lesson, with a series. */
export function lessonsIn(explained: unknown): readonly LessonWeights[] {
  if (typeof explained !== 'object' || explained === null) return [];
  return Object.entries(explained).flatMap(([lesson, inner]) =>
    isWeights(inner) ? [{ lesson, buckets: inner.buckets, series: inner.series }] : lessonsIn(inner),
  );
}

function isWeights(value: unknown): value is Omit<LessonWeights, 'lesson'> {
  const { buckets, series } = (value ?? {}) as { readonly buckets?: unknown; readonly series?: unknown };
  return (
    Array.isArray(buckets) &&
    Array.isArray(series) &&
    series.every(({ sequence, weights }) => typeof sequence === 'number' && Array.isArray(weights))
  );
}

/** Tokens and money of hosted models, added up over participants. */
export function spentIn(explained: Readonly<Record<string, unknown>>): Pick<RunCost, 'tokens' | 'money'> {
  const hosted = Object.values(explained).flatMap((one) => {
    const { hosted } = (one ?? {}) as { readonly hosted?: { readonly tokens?: number; readonly money?: number } };
    return hosted === undefined ? [] : [hosted];
  });
  if (hosted.length === 0) return {};
  const total = (of: 'tokens' | 'money'): number => hosted.reduce((sum, one) => sum + (one[of] ?? 0), 0);
  return { tokens: total('tokens'), money: total('money') };
}
