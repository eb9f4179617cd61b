import type { UserContexts } from '@tandem-rec/contract';

/** The history of a row of a batch, oldest first: all of it, or its newest `limit` items. */
export const oldestFirst = ({ history: { offsets, items } }: UserContexts, b: number, limit = Infinity): Int32Array =>
  items.slice(offsets[b], Math.min(offsets[b + 1], offsets[b] + limit)).reverse();

/** Rows of a batch whose users have a history. */
export const withHistory = ({ size, history: { offsets } }: UserContexts): Int32Array =>
  Int32Array.from({ length: size }, (_, b) => b).filter((b) => offsets[b + 1] > offsets[b]);
