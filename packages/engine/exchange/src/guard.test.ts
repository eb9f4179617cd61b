import { SeededRng } from '@tandem-rec/compute';
import type { Batch, BridgeParticipant, BridgeTable } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { beliefsOf, type Beliefs } from './beliefs.ts';
import { BUCKETS, bucketOf } from './buckets.ts';
import { gainByBucket } from './gain-by-bucket.ts';
import { Guard, guardOption } from './guard.ts';

const ITEMS = 40;
const all = Int32Array.from({ length: ITEMS }, (_, item) => item);
/** Ten items of each bucket. */
const counts = Float32Array.from(all, (item) => [0, 3, 12, 50][item % 4]);

type Logits = (row: number, item: number) => number;

function participant(name: string, logits: Logits): BridgeParticipant {
  return {
    name,
    predict: async ({ size }: { readonly size: number }, { items }: { readonly items: Int32Array }) =>
      Float32Array.from({ length: size * items.length }, (_, at) =>
        logits(Math.floor(at / items.length), items[at % items.length]),
      ),
  } as unknown as BridgeParticipant;
}

function batchOf(truth: readonly number[], sequence: number, fresh = truth.length): Batch {
  const size = truth.length;
  return {
    size,
    users: Int32Array.from({ length: size }, (_, row) => row),
    items: Int32Array.from(truth),
    positions: new Int32Array(size),
    history: { offsets: new Int32Array(size + 1), items: new Int32Array(0) },
    values: new Float32Array(size),
    atMs: new Float64Array(size),
    fresh,
    sequence,
  };
}

/** A world where each event has tastes of its own; the student knows them dimly. */
class World {
  readonly rng: SeededRng;
  tastes: Float64Array = new Float64Array(0);
  dim: Float64Array = new Float64Array(0);
  sequence = 0;

  constructor(seed: number) {
    this.rng = new SeededRng(seed, 'world');
  }

  next(size = 64): Batch {
    this.tastes = Float64Array.from({ length: size * ITEMS }, () => 2 * this.rng.normal());
    this.dim = this.tastes.map((taste) => 0.5 * taste + this.rng.normal());
    const truth = Array.from({ length: size }, (_, row) => {
      const noisy = (item: number): number => this.tastes[row * ITEMS + item] - Math.log(-Math.log(this.rng.next()));
      return [...all].reduce(
        ({ best, most }, item) => {
          const value = noisy(item);
          return value > most ? { best: item, most: value } : { best, most };
        },
        { best: 0, most: -Infinity },
      ).best;
    });
    const batch = batchOf(truth, this.sequence);
    this.sequence += size;
    return batch;
  }
}

type Teacher = (world: World, row: number, item: number) => number;
const good: Teacher = ({ tastes }, row, item) => tastes[row * ITEMS + item];
const inverted: Teacher = ({ tastes }, row, item) => -tastes[row * ITEMS + item];
const random: Teacher = ({ rng }) => rng.normal();

/** Lets a guard watch so many batches of a teacher. */
async function watched(
  guard: Guard,
  world: World,
  teacher: Teacher,
  batches: number,
): Promise<[Beliefs, Beliefs, Batch]> {
  let last!: [Beliefs, Beliefs, Batch];
  for (let k = 0; k < batches; k++) {
    const batch = world.next();
    guard.observe({ batch, ranks: {} });
    const t = await beliefsOf(
      participant('t', (row, item) => teacher(world, row, item)),
      batch,
      all,
      1,
    );
    const s = await beliefsOf(
      participant('s', (row, item) => world.dim[row * ITEMS + item]),
      batch,
      all,
      1,
    );
    await guard.examine(batch, async () => expect.unreachable('on a stream nothing else is held out'));
    guard.measure(t, s, batch, counts);
    last = [t, s, batch];
  }
  return last;
}

const LESSON = 't → s, predictions';
const weightsOf = (guard: Guard): number[] => BUCKETS.map(({ from }) => guard.weight(LESSON, from));
const open = (changes: Parameters<typeof guardOption.parse>[0] = {}): Guard => new Guard(guardOption.parse(changes));

describe('the guard', () => {
  it('measures what the student would gain if it heard the teacher about one bucket, as the definition says', async () => {
    const world = new World(1);
    const batch = world.next(20);
    const mask = (row: number, item: number): boolean => (row * 7 + item) % 5 === 0 && item !== batch.items[row];
    const student: Logits = (row, item) => (mask(row, item) ? -Infinity : world.dim[row * ITEMS + item]);
    const teacher: Logits = (row, item) =>
      mask(row, item) ? -Infinity : item % 9 === 4 ? -Infinity : world.tastes[row * ITEMS + item];
    for (const [blend, temperature] of [
      [0.3, 1],
      [1, 1],
      [0.5, 2],
    ] as const) {
      const t = await beliefsOf(participant('t', teacher), batch, all, temperature);
      const s = await beliefsOf(participant('s', student), batch, all, temperature);
      const gains = gainByBucket(t, s, batch.items, counts, blend);
      for (let row = 0; row < batch.size; row++) {
        const logs = (logits: Logits): number[] => {
          const scaled = [...all].map((item) => logits(row, item) / temperature);
          const sum = Math.log(scaled.reduce((total, one) => total + Math.exp(one), 0));
          return scaled.map((one) => Math.max(one - sum, -30));
        };
        const [own, others] = [logs(student), logs(teacher)];
        const rankOf = (values: readonly number[]): number =>
          [...all].filter((item) => !mask(row, item) && values[item] > values[batch.items[row]]).length;
        for (let k = 0; k < BUCKETS.length; k++) {
          const heard = own.map((one, item) =>
            bucketOf(counts[item]) === k ? one + blend * (others[item] - one) : one,
          );
          const expected = Math.log(10 + rankOf(own)) - Math.log(10 + rankOf(heard));
          expect(gains[row * BUCKETS.length + k]).toBeCloseTo(expected, 10);
        }
      }
    }
  });

  it('hears a good teacher wholly, and random and inverted ones not at all', async () => {
    for (const [teacher, weight] of [
      [good, 1],
      [inverted, 0],
      [random, 0],
    ] as const) {
      const guard = open();
      const [t, s, batch] = await watched(guard, new World(2), teacher, 30);
      expect(weightsOf(guard)).toEqual([weight, weight, weight, weight]);
      expect(guard.lesson(t, s, new Float32Array(batch.size).fill(1), counts)).toHaveLength(weight);
    }
  });

  it('hears nobody before it has seen enough', async () => {
    const guard = open();
    await watched(guard, new World(3), good, 1);
    expect(weightsOf(guard)).toEqual([0, 0, 0, 0]);
  });

  it('stops hearing a teacher that goes wrong, and hears it again when it is right again', async () => {
    const guard = open({ memory: 600 });
    const world = new World(4);
    await watched(guard, world, good, 20);
    expect(weightsOf(guard)).toEqual([1, 1, 1, 1]);
    await watched(guard, world, inverted, 20);
    expect(weightsOf(guard)).toEqual([0, 0, 0, 0]);
    await watched(guard, world, good, 40);
    expect(weightsOf(guard)).toEqual([1, 1, 1, 1]);
    const { series } = guard.report()[LESSON];
    const heard = series.map(({ weights }) => weights[3]);
    expect(heard).toContain(0);
    expect(heard.at(-1)).toBe(1);
    expect(series.map(({ sequence }) => sequence)).toEqual(
      series.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    );
  });

  it('does not hear a teacher that goes wrong on its merits', async () => {
    const guard = open({ memory: 3000 });
    const world = new World(10);
    await watched(guard, world, good, 60);
    await watched(guard, world, inverted, 5);
    const { gains } = guard.report()[LESSON];
    expect(gains[3], 'on the whole it brought something').toBeGreaterThan(0);
    expect(weightsOf(guard)[3]).toBe(0);
  });

  it('lets a teacher speak only of the items that it knows', async () => {
    const guard = open();
    const world = new World(5);
    const classics: Teacher = (w, row, item) => (item % 4 === 3 ? good(w, row, item) : inverted(w, row, item));
    const [t, s, batch] = await watched(guard, world, classics, 30);
    const [never, few, some, often] = weightsOf(guard);
    expect([never, few, some]).toEqual([0, 0, 0]);
    expect(often).toBe(1);
    const weight = Float32Array.from({ length: batch.size }, (_, row) => (row === 0 ? 0 : 2));
    const [lesson] = guard.lesson(t, s, weight, counts);
    expect(lesson.weight).toBe(weight);
    const softmax = (logits: Logits, row: number): number[] => {
      const powers = [...all].map((item) => Math.exp(logits(row, item)));
      const sum = powers.reduce((a, b) => a + b);
      return powers.map((power) => power / sum);
    };
    for (let row = 0; row < batch.size; row++) {
      const target = [...lesson.target.subarray(row * ITEMS, (row + 1) * ITEMS)];
      const own = softmax((b, item) => world.dim[b * ITEMS + item], row);
      const taught = softmax((b, item) => classics(world, b, item), row);
      const heard = own.map((p, item) => (item % 4 === 3 ? taught[item] : p));
      const sum = heard.reduce((a, b) => a + b);
      target.forEach((p, item) => expect(p).toBeCloseTo(row === 0 ? 0 : heard[item] / sum, 5));
    }
  });

  it('lets everything pass when it is off', async () => {
    const guard = open({ on: false });
    const [t, s, batch] = await watched(guard, new World(6), inverted, 3);
    expect(weightsOf(guard)).toEqual([1, 1, 1, 1]);
    expect(guard.lesson(t, s, new Float32Array(batch.size).fill(1), counts)).toHaveLength(1);
  });

  it('learns nothing from events that were not observed, and hands over those that are held out', async () => {
    const guard = open();
    const world = new World(7);
    const heldOut = [world.next(), { ...world.next(), sequence: 0 }];
    for (const batch of heldOut) guard.observe({ batch, ranks: {} });
    const learned = { ...world.next(), sequence: 0 };
    const looked: Batch[] = [];
    await guard.examine(learned, async (batch) => {
      expect(guard.unlearned(batch)).toBe(batch);
      looked.push(batch);
    });
    expect(looked.map(({ items }) => items)).toEqual(heldOut.map(({ items }) => items));
    const s = await beliefsOf(
      participant('s', () => 0),
      learned,
      all,
      1,
    );
    guard.measure(s, s, learned, counts);
    expect(guard.report()).toEqual({});
    await guard.examine(learned, async () => expect.unreachable('once is enough'));
  });

  it('goes on from its state', async () => {
    const guard = open();
    await watched(guard, new World(8), good, 12);
    const saved = JSON.parse(JSON.stringify(guard.save()));
    const other = open();
    other.load(saved);
    expect(other.report()).toEqual(guard.report());
    expect(saved.arrays).toEqual([]);
  });
});

describe('the guard, of rows', () => {
  /** A table of one number per item, which is its logit. */
  function stage(values: Float32Array): { readonly student: BridgeParticipant; readonly table: BridgeTable } {
    const table = {
      dim: 1,
      rows: ITEMS,
      gather: (rows: Int32Array, into: Float32Array) => rows.forEach((row, k) => (into[k] = values[row])),
      assign: (rows: Int32Array, from: Float32Array) => rows.forEach((row, k) => (values[row] = from[k])),
    } as unknown as BridgeTable;
    return { student: participant('s', (_, item) => values[item]), table };
  }

  it('moves the rows of each bucket, looks whether true items rise, and leaves the table as it was', async () => {
    const liked = (item: number): number => (item % 4 === 2 || item % 4 === 0 ? 1 : -1) * Math.sin(item * 9);
    const values = Float32Array.from(all, (item) => (item % 4 === 0 ? 0.01 : 0.1) * Math.cos(item * 5));
    const before = values.slice();
    const rng = new SeededRng(9, 'rows');
    const guard = open();
    for (let k = 0; k < 20; k++) {
      const truth = Array.from({ length: 64 }, () => {
        const scores = [...all].map((item) => 2 * Math.sin(item * 9) - Math.log(-Math.log(rng.next())));
        return scores.indexOf(Math.max(...scores));
      });
      const batch = batchOf(truth, k * 64);
      guard.observe({ batch, ranks: {} });
      const wish = (row: number): Float32Array => Float32Array.of(liked(row));
      await guard.measureRows('words → s/item', { ...stage(values), wish }, batch, all, counts);
      expect(values).toEqual(before);
    }
    expect(BUCKETS.map(({ from }) => guard.weight('words → s/item', from))).toEqual([1, 0, 1, 0]);
  });
});
