/** Where the age groups of users and items begin, in interactions so far. */
const STARTS = [0, 1, 5, 20] as const;

/** Names of the age groups. */
export const AGES = STARTS.map((start, i) => {
  const next = STARTS[i + 1];
  if (next === undefined) return `${start}+`;
  return next - start === 1 ? `${start}` : `${start}–${next - 1}`;
});

/** Age group of a user or an item with so many interactions. */
export function ageOf(interactions: number): number {
  let age = STARTS.length - 1;
  while (interactions < STARTS[age]) age--;
  return age;
}
