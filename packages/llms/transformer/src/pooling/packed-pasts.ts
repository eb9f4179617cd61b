import { packLines } from './pack-lines.ts';
import type { Pasts } from './pooling.ts';

/** Sequences of items side by side in lines of one width: nothing is computed for the ends of short ones. */
export interface Packing {
  readonly lines: number;
  readonly width: number;
  /** `lines · width`: which of the pasts' vectors a place holds; −1: none. */
  readonly items: Int32Array;
  /** `lines · width`: how many items of its sequence stand before a place. */
  readonly ages: Int32Array;
  /** `lines · width`: first place of its sequence; of an empty place that place. */
  readonly starts: Int32Array;
  /** The place after each past, in the order of the pasts; −1 where there is none. */
  readonly states: Int32Array;
}

/** Pasts `first … end − 1` as one sequence: `before` items of the first of them, then one more for each that follows. */
interface Piece {
  readonly first: number;
  readonly end: number;
  readonly before: number;
  readonly length: number;
}

/**
 * Each run as one sequence, oldest item first. A run that is longer than the window is read in pieces, the later ones with at
 * least half a window in front of them. Longest sequences first, each goes to the line that it fills best.
 */
export function packedPasts({ size, offsets, items: newestFirst, runs }: Pasts, window: number): Packing {
  const pieces = piecesOf(offsets, runs, window).sort((a, b) => b.length - a.length);
  const { lines, width, places } = packLines(pieces.map(({ length }) => length));
  const items = new Int32Array(lines * width).fill(-1);
  const ages = new Int32Array(lines * width);
  const starts = Int32Array.from(items, (_, place) => place);
  const states = new Int32Array(size).fill(-1);
  for (const [i, { first, end, before, length }] of pieces.entries()) {
    const start = places[i];
    for (let k = 0; k < before; k++) items[start + k] = newestFirst[offsets[first] + before - 1 - k];
    for (let b = first + 1; b < end; b++) items[start + before + b - first - 1] = newestFirst[offsets[b]];
    for (let k = 0; k < length; k++) {
      ages[start + k] = k;
      starts[start + k] = start;
    }
    for (let b = first; b < end; b++) if (before + b > first) states[b] = start + before + b - first - 1;
  }
  return { lines, width, items, ages, starts, states };
}

function piecesOf(offsets: Int32Array, runs: Int32Array, window: number): Piece[] {
  const pieces: Piece[] = [];
  for (let r = 0; r + 1 < runs.length; r++) {
    for (let first = runs[r]; first < runs[r + 1];) {
      const past = offsets[first + 1] - offsets[first];
      const fits = past + runs[r + 1] - first - 1 <= window;
      const before = fits ? past : Math.min(past, Math.ceil(window / 2));
      const end = fits ? runs[r + 1] : Math.min(runs[r + 1], first + 1 + window - before);
      const length = before + end - first - 1;
      if (length > 0) pieces.push({ first, end, before, length });
      first = end;
    }
  }
  return pieces;
}
