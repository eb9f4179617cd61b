import { nestedRuns } from '@tandem-rec/data';
import type { UserContexts } from '@tandem-rec/contract';
import { oldestFirst } from './histories.ts';
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
  const { offsets, items } = users.history;
  const found: Reading[] = [];
  const runs = task.windows ? nestedRuns(users) : Int32Array.from({ length: users.size + 1 }, (_, b) => b);
  for (let r = 0; r + 1 < runs.length; r++) {
    const begin = runs[r];
    const past = oldestFirst(users, begin, maxLength);
    const shared = Math.min(runs[r + 1], begin + 1 + maxLength - past.length);
    const tokens = new Int32Array(past.length + shared - begin - 1);
    tokens.set(past);
    for (let b = begin + 1; b < shared; b++) tokens[past.length + b - begin - 1] = items[offsets[b]];
    if (shared - begin > 1) {
      const rows = Array.from({ length: shared - begin }, (_, k) => ({ row: begin + k, token: past.length + k - 1 }));
      found.push({ tokens, rows: rows.filter(({ token }) => token >= 0) });
    }
    for (let b = shared - begin > 1 ? shared : begin; b < runs[r + 1]; b++) {
      if (offsets[b + 1] === offsets[b]) continue;
      const query = task.query(oldestFirst(users, b));
      found.push({ tokens: query, rows: [{ row: b, token: query.length - 1 }] });
    }
  }
  return found;
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
