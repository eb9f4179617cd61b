import { SeededRng } from '@tandem-rec/compute';
import type { Split } from '@tandem-rec/data';

/** Events a user, and items for each hundred events. */
const PER_USER = 50;
const PER_ITEM = 100;
const LEAST_ITEMS = 500;

/** So many interactions: 50 a user, 100 an item (at least 500 items), with a long tail: item k is met as often as 1 / (k + 10). */
export function syntheticSplit(events: number): Split {
  const rng = new SeededRng(1, 'growth');
  const userCount = Math.ceil(events / PER_USER);
  const itemCount = Math.max(LEAST_ITEMS, Math.ceil(events / PER_ITEM));
  const all = new Int32Array(events).map((_, event) => event);
  const ids = (count: number): string[] => Array.from({ length: count }, (_, row) => String(row));
  const table = {
    name: `${events} synthetic interactions`,
    chronology: 'order',
    size: events,
    userIds: ids(userCount),
    itemIds: ids(itemCount),
    users: all.map((event) => Math.floor(event / PER_USER)),
    // The inverse of the distribution of 1 / (x + 10) on 0 … items.
    items: all.map(() => Math.min(itemCount - 1, Math.floor(10 * (itemCount / 10 + 1) ** rng.next() - 10))),
    atMs: new Float64Array(events),
    values: new Float32Array(events).fill(1),
    kinds: new Int32Array(events),
    kindNames: ['interaction'],
    parts: undefined,
  } as const;
  return {
    name: 'given',
    table,
    users: userCount,
    items: itemCount,
    train: all,
    valid: new Int32Array(0),
    test: all.subarray(0, 1),
  };
}
