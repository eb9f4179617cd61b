import { TandemError, type Rows, type State, type Stateful } from '@tandem-rec/contract';

import type { BlockSums } from './bootstrap.ts';

/** Bounds of the ages by which results are told apart: never met, 1 to 4 times, 5 to 19, 20 and more. */
export const AGE_BUCKETS = ['0', '1-4', '5-19', '20+'] as const;

/** What one expert reached. */
export interface PrequentialScores {
  /** Ranked events. */
  readonly events: number;
  readonly ndcg: number;
  readonly recall: number;
  readonly mrr: number;
  /** NDCG over the newest 2,500 ranked events. */
  readonly recentNdcg: number;
  /** By how often the item had been met before: `AGE_BUCKETS`. */
  readonly byItemAge: readonly SliceScores[];
  /** By how many interactions the user had before. */
  readonly byUserAge: readonly SliceScores[];
}

export interface SliceScores {
  readonly age: (typeof AGE_BUCKETS)[number];
  readonly events: number;
  readonly ndcg: number;
  readonly recall: number;
}

export interface PrequentialSummary {
  readonly cutoff: number;
  /** Share of the stream's beginning that is left out. */
  readonly skipped: number;
  readonly experts: Readonly<Record<string, PrequentialScores>>;
}

/** Which blocks, and which of their events. */
export interface BlockSelection {
  /** Share of the stream's beginning that is left out, to the block. */
  readonly skip?: number;
  /** Indices into `AGE_BUCKETS`. Default: all. */
  readonly ages?: readonly number[];
  /** Whose ages. Default: items. */
  readonly of?: 'items' | 'users';
}

/** One batch of ranked events, as known before anybody learned from them. */
export interface RankedEvents {
  /** 0-based ranks of the true items, by expert; the same events for every expert. Negative: not ranked. */
  readonly ranks: Readonly<Record<string, Int32Array>>;
  readonly items: Rows;
  /** Interactions of every item so far. */
  readonly itemCounts: Float32Array;
  /** Interactions of each event's user so far. */
  readonly userPositions: Int32Array;
}

/** Events a block holds: what summaries skip and what the paired bootstrap draws is blocks. */
const BLOCK = 500;
const RECENT_BLOCKS = 5;
// Per slice: events, NDCG, hits, reciprocal ranks. Slices: four item ages, four user ages.
const FIELDS = 4;
const SLICES = 8;
const WIDTH = FIELDS * SLICES;

/**
 * Test-then-train metrics (Gama et al., "On evaluating stream learning algorithms", 2013): every event is ranked before
 * it is learned, so nothing here has been trained on. Kept as sums over blocks of 500 events: 256 bytes a block and expert,
 * however long the stream. One true item an event: NDCG@k is 1 / log₂(rank + 2) below the cutoff, recall@k a hit.
 */
export class Prequential implements Stateful {
  readonly cutoff: number;
  readonly #blocks = new Map<string, Float64Array[]>();
  #events = 0;

  constructor({ cutoff }: { readonly cutoff: number }) {
    this.cutoff = cutoff;
  }

  /** Ranked events so far. */
  get events(): number {
    return this.#events;
  }

  add({ ranks, items, itemCounts, userPositions }: RankedEvents): void {
    for (const [name, places] of Object.entries(ranks)) {
      const blocks = this.#blocks.get(name) ?? [];
      this.#blocks.set(name, blocks);
      for (let event = 0; event < places.length; event++) {
        const at = Math.floor((this.#events + event) / BLOCK);
        while (blocks.length <= at) blocks.push(new Float64Array(WIDTH));
        const place = places[event];
        if (place < 0) continue;
        const ndcg = place < this.cutoff ? 1 / Math.log2(place + 2) : 0;
        const hit = place < this.cutoff ? 1 : 0;
        count(blocks[at], ageOf(itemCounts[items[event]]), ndcg, hit, 1 / (place + 1));
        count(blocks[at], 4 + ageOf(userPositions[event]), ndcg, hit, 1 / (place + 1));
      }
    }
    this.#events += items.length;
  }

  /** What everybody reached after the first `skip` of the stream (to the block). */
  summary({ skip = 0 }: { readonly skip?: number } = {}): PrequentialSummary {
    const experts: Record<string, PrequentialScores> = {};
    for (const [name, blocks] of this.#blocks) {
      const kept = blocks.slice(Math.floor(skip * blocks.length));
      const sums = sum(kept);
      const slice = (index: number) => ({
        age: AGE_BUCKETS[index % 4],
        events: sums[index * FIELDS],
        ndcg: mean(sums, index, 1),
        recall: mean(sums, index, 2),
      });
      const [events, ndcg, recall, mrr] = totals(sums);
      experts[name] = {
        events,
        ndcg: ratio(ndcg, events),
        recall: ratio(recall, events),
        mrr: ratio(mrr, events),
        recentNdcg: recent(blocks),
        byItemAge: [0, 1, 2, 3].map(slice),
        byUserAge: [4, 5, 6, 7].map(slice),
      };
    }
    return { cutoff: this.cutoff, skipped: skip, experts };
  }

  /**
   * NDCG of each block after the first `skip` of the stream, as sums and numbers of events, for `pairedRatioBootstrap`
   * between runs over the same events (a block bootstrap: neighbouring events are alike). The sum of all sums over that of
   * all counts is what `summary` says. `ages`: only items, or users, of these ages, indices into `AGE_BUCKETS`; blocks
   * without any are left out of both runs alike, since the events are the same.
   */
  blocks(name: string, { skip = 0, ages = [0, 1, 2, 3], of = 'items' }: BlockSelection = {}): BlockSums {
    const blocks = this.#blocks.get(name) ?? [];
    const first = of === 'items' ? 0 : AGE_BUCKETS.length;
    const over = (block: Float64Array, field: number): number =>
      ages.reduce((total, age) => total + block[(first + age) * FIELDS + field], 0);
    const kept = blocks.slice(Math.floor(skip * blocks.length)).filter((block) => over(block, 0) > 0);
    return {
      sums: Float64Array.from(kept, (block) => over(block, 1)),
      counts: Float64Array.from(kept, (block) => over(block, 0)),
    };
  }

  save(): State {
    return {
      version: 1,
      arrays: [...this.#blocks].map(([name, blocks]) => {
        const data = new Float64Array(blocks.length * WIDTH);
        blocks.forEach((block, at) => data.set(block, at * WIDTH));
        return { name, shape: [blocks.length, WIDTH], owner: 'common', data } as const;
      }),
      values: { events: this.#events, cutoff: this.cutoff },
    };
  }

  load({ arrays, values }: State): void {
    const events = values['events'];
    if (typeof events !== 'number' || values['cutoff'] !== this.cutoff)
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `The saved metrics have the cutoff ${String(values['cutoff'])}; here it is ${this.cutoff}.`,
      );
    this.#events = events;
    this.#blocks.clear();
    for (const { name, data } of arrays) {
      const blocks: Float64Array[] = [];
      for (let at = 0; at < data.length; at += WIDTH)
        blocks.push(Float64Array.from(data.slice(at, at + WIDTH) as Float64Array));
      this.#blocks.set(name, blocks);
    }
  }
}

/** Index into `AGE_BUCKETS`. */
export function ageOf(count: number): number {
  return count < 1 ? 0 : count < 5 ? 1 : count < 20 ? 2 : 3;
}

function count(block: Float64Array, slice: number, ndcg: number, hit: number, reciprocal: number): void {
  const at = slice * FIELDS;
  block[at]++;
  block[at + 1] += ndcg;
  block[at + 2] += hit;
  block[at + 3] += reciprocal;
}

function sum(blocks: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(WIDTH);
  for (const block of blocks) for (let i = 0; i < WIDTH; i++) sums[i] += block[i];
  return sums;
}

/** Over the item ages, which divide the events. */
function totals(sums: Float64Array): readonly [number, number, number, number] {
  const field = (index: number): number => [0, 1, 2, 3].reduce((total, age) => total + sums[age * FIELDS + index], 0);
  return [field(0), field(1), field(2), field(3)];
}

function recent(blocks: readonly Float64Array[]): number {
  const [events, ndcg] = totals(sum(blocks.slice(-RECENT_BLOCKS)));
  return ratio(ndcg, events);
}

const mean = (sums: Float64Array, slice: number, field: number): number =>
  ratio(sums[slice * FIELDS + field], sums[slice * FIELDS]);
const ratio = (total: number, events: number): number => (events > 0 ? total / events : 0);
