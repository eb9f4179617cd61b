import { nestedRuns } from '@tandem-rec/data';
import type { UserContexts } from '@tandem-rec/contract';
import { oldestFirst, withHistory } from './histories.ts';
import type { SequenceTask } from './sequence-task.ts';

/** Tokens that one call of the network encodes at a time. */
const TOKENS_AT_ONCE = 8192;
/** Tokens of padding that cost less than another call of the network. */
const PADDING_AT_ONCE = 256;

/** A sequence, and of which rows the states at which of its tokens are. */
export interface Reading {
  readonly tokens: Int32Array;
  readonly rows: readonly { readonly row: number; readonly token: number }[];
}

/**
 * What a network reads to answer for users with a history: of each the query about it. Where the network is causal, the
 * histories of rows that follow each other in the life of one user are read at once, as far as they begin with the
 * same item.
 */
export function readings(users: UserContexts, task: SequenceTask, maxLength: number): Reading[] {
  if (!task.windows)
    return Array.from(withHistory(users), (row) => {
      const tokens = task.query(oldestFirst(users, row));
      return { tokens, rows: [{ row, token: tokens.length - 1 }] };
    });
  const { offsets, items } = users.history;
  const runs = nestedRuns(users, maxLength);
  return Array.from(runs.subarray(1), (end, r): Reading => {
    const first = runs[r];
    const past = oldestFirst(users, first, maxLength);
    const tokens = new Int32Array(past.length + end - first - 1);
    tokens.set(past);
    for (let b = first + 1; b < end; b++) tokens[past.length + b - first - 1] = items[offsets[b]];
    const rows = Array.from({ length: end - first }, (_, k) => ({ row: first + k, token: past.length + k - 1 }));
    return { tokens, rows: rows.filter(({ token }) => token >= 0) };
  }).filter(({ rows }) => rows.length > 0);
}

/** Readings of like length together: with little padding, and few at a time. */
export function groupsOf(all: readonly Reading[]): readonly (readonly Reading[])[] {
  const sorted = all.toSorted((one, other) => one.tokens.length - other.tokens.length);
  const groups: Reading[][] = [];
  for (let from = 0; from < sorted.length;) {
    let to = from + 1;
    for (let padding = 0; to < sorted.length; to++) {
      const { length } = sorted[to].tokens;
      padding += (to - from) * (length - sorted[to - 1].tokens.length);
      if (padding > PADDING_AT_ONCE || (to + 1 - from) * length > TOKENS_AT_ONCE) break;
    }
    groups.push(sorted.slice(from, to));
    from = to;
  }
  return groups;
}
