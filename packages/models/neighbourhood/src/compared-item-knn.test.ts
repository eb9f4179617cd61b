import { SeededRng } from '@tandem-rec/compute';
import type { DomainModel, Interactions, PluginUse } from '@tandem-rec/contract';
import { allItems, batchOf, testEnvironment, testTables, timelinesOf } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { itemKnn } from './item-knn.ts';

const USERS = 25;
const ITEMS = 40;
type Event = readonly [user: number, item: number, history: readonly number[]];

async function start(use: PluginUse<'domain-model'>): Promise<DomainModel> {
  const model = await use.definition.create(use.definition.options.parse(use.options), testEnvironment());
  await model.attach(testTables(use, USERS, ITEMS).attachment);
  return model;
}

/** Everybody meets an item once at most. */
function events(seed: number): Event[] {
  const rng = new SeededRng(seed);
  const histories = Array.from({ length: USERS }, (): number[] => []);
  const all: Event[] = [];
  while (all.length < 250) {
    const user = rng.int(USERS);
    const item = Math.floor(ITEMS * rng.next() ** 2);
    if (histories[user].includes(item)) continue;
    all.push([user, item, [...histories[user]]]);
    histories[user].unshift(item);
  }
  return all;
}

async function learn(model: DomainModel, all: readonly Event[], size: number): Promise<void> {
  const positions = (part: readonly Event[]) => Int32Array.from(part, ([, , history]) => history.length);
  for (let from = 0; from < all.length; from += size) {
    const part = all.slice(from, from + size);
    await model.learn!({ ...batchOf(part), positions: positions(part) }, []);
  }
}

async function fit(model: DomainModel, all: readonly Event[]): Promise<void> {
  const data: Interactions = {
    size: all.length,
    users: USERS,
    items: ITEMS,
    timelines: timelinesOf(batchOf(all), USERS),
    batch: (order) => batchOf([...order].map((at) => all[at])),
  };
  await model.fit!(data, { signal: new AbortController().signal, epochs: 1, epoch: async () => ({ stop: true }) });
}

const sumsOf = async (model: DomainModel, history: readonly number[]): Promise<number[]> =>
  [...(await model.predict(batchOf([[-1, 0, history]]), allItems(ITEMS)))].map(Math.exp);

const plain = { neighbours: ITEMS, popularity: { weight: 0 } };
const history = [3, 17, 0];

describe('itemKnn that compares and counts', () => {
  it('has the cosines of a whole set after one pass over it, in batches of any size', async () => {
    const use = itemKnn({ similarity: 'cosine', ...plain });
    const [fitted, learned] = [await start(use), await start(use)];
    await fit(fitted, events(1));
    await learn(learned, events(1), 7);
    const expected = await sumsOf(fitted, history);
    const sums = await sumsOf(learned, history);
    // An item that was met counts as its own neighbour in the one and not in the other; it is not recommended.
    for (let i = 0; i < ITEMS; i++) if (!history.includes(i)) expect(sums[i]).toBeCloseTo(expected[i], 4);
    expect(Math.max(...sums)).toBeGreaterThan(0.3);
  });

  it('counts by BM25 with what was known of the user at the time', async () => {
    const { k1, b } = { k1: 0.9, b: 0.4 };
    const all = events(2);
    const model = await start(itemKnn({ similarity: 'bm25', bm25: { k1, b }, ...plain }));
    await learn(model, all, 10);
    const C = Array.from({ length: ITEMS }, () => new Array<number>(ITEMS).fill(0));
    const n = new Array<number>(ITEMS).fill(0);
    let items = 0;
    for (const [, item, past] of all) {
      items = Math.max(items, item + 1);
      n[item]++;
      const idf = Math.log(items) - Math.log(2 + past.length);
      for (const h of past) for (const [x, y] of [[h, item], [item, h]]) C[x][y] += idf * idf; // prettier-ignore
    }
    const mean = all.length / items;
    const saturated = (count: number): number => (k1 + 1) / (k1 * (1 - b + (b * count) / mean) + 1);
    const sums = await sumsOf(model, history);
    for (let i = 0; i < ITEMS; i++) {
      const sum = history.reduce((total, h) => total + saturated(n[h]) * C[h][i], 0);
      expect(sums[i]).toBeCloseTo(sum * saturated(n[i]), 3);
    }
  });

  it.each(['cosine', 'bm25'] as const)('adds what it counts to what it was fitted to, by %s', async (similarity) => {
    const use = itemKnn({ similarity, ...plain });
    const [both, fitted, learned] = [await start(use), await start(use), await start(use)];
    for (const model of [both, fitted]) await fit(model, events(3));
    for (const model of [both, learned]) await learn(model, events(4), 20);
    const [old, recent, sums] = await Promise.all([fitted, learned, both].map((model) => sumsOf(model, history)));
    for (let i = 0; i < ITEMS; i++) expect(sums[i]).toBeCloseTo(old[i] + recent[i], 5);
    const restored = await start(use);
    await restored.load(structuredClone(await both.save()));
    expect(await sumsOf(restored, history)).toEqual(sums);
  });
});

it.each([
  [0, 0],
  [1.7e12, 1e-3],
])('knows of no recency in a whole set without times (from %d)', async (from, difference) => {
  const batch = { ...batchOf([[0, 1, []], [1, 2, []]]), atMs: Float64Array.of(from, from && from + 1) }; // prettier-ignore
  const model = await start(itemKnn({ popularity: { halfLife: 0.1, weight: 1e-3 } }));
  await model.fit!(
    { size: 2, users: 2, items: ITEMS, timelines: timelinesOf(batch, 2), batch: () => batch },
    { signal: new AbortController().signal, epochs: 1, epoch: async () => ({ stop: true }) },
  );
  const sums = await sumsOf(model, []);
  expect(sums[2] - sums[1]).toBeCloseTo(difference, 5);
});
