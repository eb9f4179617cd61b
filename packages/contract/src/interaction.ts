/** One event of the stream: a user met an item. Strings appear only at the edges; the engine turns them into row numbers. */
export interface Interaction {
  readonly user: string;
  readonly item: string;
  /** Event time, milliseconds since 1970-01-01 UTC. */
  readonly atMs: number;
  /** What happened, for example `rating`, `click`, `purchase`. Default `interaction`. */
  readonly kind: string;
  /** Strength of the event, for example the stars of a rating. Default 1. */
  readonly value: number;
  /** Identity of the event, for de-duplication. Without one the event is never taken for a duplicate. */
  readonly id?: string;
}

/** What is known of an item before anybody met it. */
export interface CatalogueItem {
  readonly id: string;
  /** Named text fields in reading order, for example `{ title: 'Toy Story (1995)' }`. May be empty. */
  readonly text: Readonly<Record<string, string>>;
  readonly categories: readonly string[];
  /** When it became available, milliseconds since the epoch; without it, from the beginning. */
  readonly availableAtMs?: number;
}
