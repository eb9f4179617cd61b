import type { NamedPasts } from '../pooling/pooling.ts';
import type { Layout } from './layout.ts';

/** Pasts `first … end − 1` of one user, read as one text. */
export interface Sequence {
  readonly first: number;
  readonly end: number;
  /** Items of the first past; each of the others has one more. */
  readonly before: number;
  /** The items of the last of them, oldest first, as positions among the pasts' vectors. */
  readonly items: readonly number[];
  /** With the words around them. */
  readonly tokens: number;
}

/**
 * The pasts as sequences, those that are empty left out. A run of pasts is one sequence where the layout is causal. If it is
 * longer than window or layout allow, it is read in pieces, the later ones with up to half of that in front of them.
 */
export function sequencesOf(pasts: NamedPasts, window: number, layout: Layout): Sequence[] {
  const { offsets, items, runs, rows, users } = pasts;
  const cost = (item: number): number => layout.words(rows[item]).length + 1;
  const sequences: Sequence[] = [];
  for (let r = 0; r + 1 < runs.length; r++) {
    const around = layout.before(users[runs[r]]).length + layout.after.length;
    const room = layout.tokens - around;
    for (let first = runs[r]; first < runs[r + 1];) {
      const last = layout.causal ? runs[r + 1] : first + 1;
      const read: number[] = [];
      let used = 0;
      /** Puts the newest items of the first past in front, as many as fit. */
      const fill = (most: number, limit: number): void => {
        read.length = used = 0;
        for (let i = offsets[first]; i < offsets[first + 1] && read.length < most; i++) {
          // One item is read in any case.
          if (read.length > 0 && used + cost(items[i]) > limit) break;
          used += cost(items[i]);
          read.unshift(items[i]);
        }
      };
      const added = Array.from({ length: last - first - 1 }, (_, i) => items[offsets[first + 1 + i]]);
      fill(window, room);
      const whole = used + added.reduce((sum, item) => sum + cost(item), 0);
      if (whole > room || read.length + added.length > window) fill(Math.ceil(window / 2), room / 2);
      const before = read.length;
      let end = first + 1;
      for (; end < last && read.length < window && used + cost(added[end - first - 1]) <= room; end++) {
        used += cost(added[end - first - 1]);
        read.push(added[end - first - 1]);
      }
      if (read.length > 0) sequences.push({ first, end, before, items: read, tokens: used + around });
      first = end;
    }
  }
  return sequences;
}
