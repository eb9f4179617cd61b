/**
 * Holm's step-down correction (Holm, "A simple sequentially rejective multiple test procedure", 1979): what each of several
 * p values is worth when all are looked at. Holds whatever the dependence between them; never above 1.
 */
export function holm(values: readonly number[]): readonly number[] {
  const order = values.map((_, k) => k).toSorted((a, b) => values[a] - values[b]);
  const corrected = [...values];
  let least = 0;
  order.forEach((k, place) => {
    least = Math.max(least, Math.min(1, (values.length - place) * values[k]));
    corrected[k] = least;
  });
  return corrected;
}
