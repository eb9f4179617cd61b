/** Popularity buckets: never met, a few times, some, often. */
export const BUCKETS = [
  { name: '0', from: 0 },
  { name: '1-4', from: 1 },
  { name: '5-19', from: 5 },
  { name: '20+', from: 20 },
] as const;

/** Bucket of an item with so many interactions: index into `BUCKETS`. */
export const bucketOf = (count: number): number => (count < 1 ? 0 : count < 5 ? 1 : count < 20 ? 2 : 3);
