import { SeededRng } from '@tandem-rec/compute';
import type { Batch, DomainModel, Interactions, PluginUse } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { allItems, batchOf, testTables, timelinesOf } from '@tandem-rec/testkit';
import { itemKnn } from './item-knn.ts';
import { popularity } from './popularity.ts';

const USERS = 10;
const ITEMS = 30;

async function start(use: PluginUse<'domain-model'>): Promise<DomainModel> {
  const model = await use.definition.create(use.definition.options.parse(use.options), {} as never);
  await model.attach(testTables(use, USERS, ITEMS).attachment);
  return model;
}

function events(count: number): (readonly [number, number, readonly number[]])[] {
  const rng = new SeededRng(4);
  const histories = Array.from({ length: USERS }, (): number[] => []);
  return Array.from({ length: count }, () => {
    const user = rng.int(USERS);
    const item = rng.int(ITEMS);
    const history = histories[user].slice(0, 12);
    histories[user].unshift(item);
    return [user, item, history] as const;
  });
}

/** The formula on dense arrays, one event at a time. */
function reference(seen: ReturnType<typeof events>, history: readonly number[]): number[] {
  const C = Array.from({ length: ITEMS }, () => new Array<number>(ITEMS).fill(0));
  const counts = new Array<number>(ITEMS).fill(0);
  const recent = new Array<number>(ITEMS).fill(0);
  for (const [, item, past] of seen) {
    past.slice(0, 8).forEach((h, k) => {
      if (h === item) return;
      C[h][item] += Math.exp(-k / 3);
      C[item][h] += Math.exp(-k / 3);
    });
    for (let i = 0; i < ITEMS; i++) recent[i] *= 0.5 ** (1 / 50);
    counts[item]++;
    recent[item]++;
  }
  const total = recent.reduce((a, b) => a + b);
  return counts.map((count, i) => {
    const votes = history
      .slice(0, 8)
      .reduce((sum, h, k) => sum + (Math.exp(-k / 3) * C[h][i]) / Math.sqrt(counts[h] + 5), 0);
    return Math.log(votes / Math.sqrt(count + 5) + (1e-3 * recent[i]) / total + 1e-7);
  });
}

describe('itemKnn', () => {
  const use = itemKnn({ history: 8, decay: 3, popularity: { halfLife: 50 } });

  it('is the formula, for shared and for ragged candidates', async () => {
    const model = await start(use);
    const seen = events(200);
    for (let from = 0; from < 200; from += 20) await model.learn!(batchOf(seen.slice(from, from + 20)), []);
    const users = batchOf([
      [0, 0, [3, 9, 4, 3, 1, 0, 2, 5, 8, 7]],
      [1, 0, []],
    ]);
    const expected = [reference(seen, [3, 9, 4, 3, 1, 0, 2, 5, 8, 7]), reference(seen, [])];
    const shared = await model.predict(users, allItems(ITEMS));
    for (let i = 0; i < 2 * ITEMS; i++) expect(shared[i]).toBeCloseTo(expected.flat()[i], 4);
    const ragged = await model.predict(users, {
      kind: 'ragged',
      offsets: Int32Array.of(0, 2, 3),
      items: Int32Array.of(29, 4, 7),
    });
    expect([...ragged]).toEqual(
      [expected[0][29], expected[0][4], expected[1][7]].map((value) => expect.closeTo(value, 4)),
    );
  });

  it('learns nothing from replays and dry runs', async () => {
    const model = await start(use);
    await model.learn!(batchOf(events(40)), []);
    const before = structuredClone(await model.save());
    await model.learn!(batchOf(events(40), 0), []);
    await model.learn!(batchOf(events(40)), [], { dryRun: true });
    expect(await model.save()).toEqual(before);
  });
});

describe.each([itemKnn(), popularity(), popularity({ unit: 'hours', halfLife: 24 })])('$id', (use) => {
  it('fits in one pass what learning event by event gives', async () => {
    const all = events(100);
    const timed = (order: readonly number[]): Batch => ({
      ...batchOf(order.map((at) => all[at])),
      atMs: Float64Array.from(order, (at) => 1.7e12 + at * 1e6),
    });
    const data: Interactions = {
      size: all.length,
      users: USERS,
      items: ITEMS,
      timelines: timelinesOf(timed([...all.keys()]), USERS),
      batch: (order) => timed([...order]),
    };
    const fitted = await start(use);
    const epochs: number[] = [];
    await fitted.fit!(data, {
      signal: new AbortController().signal,
      epochs: 50,
      epoch: async ({ epoch }) => ({ stop: epochs.push(epoch) < 0 }),
    });
    const learned = await start(use);
    for (const at of all.keys()) await learned.learn!(timed([at]), []);
    expect(epochs).toEqual([1]);
    expect(await fitted.save()).toEqual(await learned.save());
  });

  it('continues bit for bit from a saved state', async () => {
    const all = events(300);
    const one = await start(use);
    await one.learn!(batchOf(all.slice(0, 200)), []);
    const other = await start(use);
    await other.load(structuredClone(await one.save()));
    const rest: Batch = batchOf(all.slice(200));
    await one.learn!(rest, []);
    await other.learn!(rest, []);
    expect(await other.save()).toEqual(await one.save());
    expect(await other.predict(rest, allItems(ITEMS))).toEqual(await one.predict(rest, allItems(ITEMS)));
  });
});

describe('popularity', () => {
  it.each([
    [1.7e12, Math.log(1.3) - Math.log(0.55)],
    [0, 0],
  ])('fades over a whole set by its times, and not at all where it has none (from %d)', async (from, difference) => {
    const batch = {
      ...batchOf([
        [0, 1, []],
        [0, 2, []],
      ]),
      atMs: Float64Array.of(from, from && from + 1),
    };
    const model = await start(popularity({ halfLife: 0.5 }));
    await model.fit!(
      { size: 2, users: 1, items: 3, timelines: timelinesOf(batch, 1), batch: () => batch },
      { signal: new AbortController().signal, epochs: 1, epoch: async () => ({ stop: true }) },
    );
    const scores = await model.predict(batch, { kind: 'shared', items: Int32Array.of(2, 1) });
    expect(scores[0] - scores[1]).toBeCloseTo(difference, 5);
  });

  const hour = 3_600_000;
  const at = (hours: number, item: number): Batch => ({
    ...batchOf([[0, item, []]]),
    atMs: Float64Array.of(1.7e12 + hours * hour),
  });

  it.each([
    ['events', Math.log(4.3) - Math.log(1.3)],
    ['hours', Math.log(1.3) - Math.log(1.3)],
  ] as const)('fades by %s', async (unit, difference) => {
    const model = await start(popularity({ unit, halfLife: unit === 'hours' ? 24 : 1e9 }));
    for (let i = 0; i < 4; i++) await model.learn!(at(0, 1), []);
    await model.learn!(at(48, 2), []);
    const scores = await model.predict(at(48, 0), { kind: 'shared', items: Int32Array.of(1, 2, 3) });
    expect(scores[0] - scores[1]).toBeCloseTo(difference, 4);
    expect(scores[2]).toBeCloseTo(Math.log(0.3), 5);
  });
});
