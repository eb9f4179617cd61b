import type { UserContexts } from '@tandem-rec/contract';

/** The history of a row of a batch, oldest first. */
export const oldestFirst = ({ history: { offsets, items } }: UserContexts, b: number): Int32Array =>
  items.slice(offsets[b], offsets[b + 1]).reverse();

/** The same with the item of the row's own event behind it. */
export function withItem(users: UserContexts, b: number, item: number): Int32Array {
  const history = oldestFirst(users, b);
  const sequence = new Int32Array(history.length + 1);
  sequence.set(history);
  sequence[history.length] = item;
  return sequence;
}
