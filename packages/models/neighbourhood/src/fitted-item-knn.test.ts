import { SeededRng } from '@tandem-rec/compute';
import type { DomainModel, Interactions } from '@tandem-rec/contract';
import { allItems, batchOf, testEnvironment, testTables, timelinesOf } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { itemKnn } from './item-knn.ts';

type Event = readonly [user: number, item: number, history: readonly number[]];
const run = { signal: new AbortController().signal, epochs: 5, epoch: async () => ({ stop: false }) };

async function fitted(use: ReturnType<typeof itemKnn>, events: readonly Event[], users: number, items: number) {
  const model = await opened(use, users, items);
  const data: Interactions = {
    size: events.length,
    users,
    items,
    timelines: timelinesOf(batchOf(events), users),
    batch: (order) => batchOf([...order].map((at) => events[at])),
  };
  await model.fit!(data, run);
  return model;
}

async function opened(use: ReturnType<typeof itemKnn>, users: number, items: number): Promise<DomainModel> {
  const model = await use.definition.create(use.definition.options.parse(use.options), testEnvironment());
  await model.attach(testTables(use, users, items).attachment);
  return model;
}

/** Neighbours that `implicit` 0.7.3 finds, in its own words: numpy's expressions one by one. */
function implicitSimilarity(
  X: readonly (readonly number[])[],
  kind: 'cosine' | 'bm25',
  k1: number,
  b: number,
  k: number,
) {
  const [users, items] = [X.length, X[0].length];
  const column = (i: number): number[] => X.map((row) => row[i]);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, x) => a + x, 0);
  const average = sum(X.map(sum)) / items;
  const W = X.map((row) =>
    row.map((x, i) => {
      if (x === 0) return 0;
      if (kind === 'cosine') return x / Math.sqrt(sum(column(i).map((y) => y * y)));
      const idf = Math.log(items) - Math.log1p(row.filter((y) => y > 0).length);
      const lengthNorm = 1 - b + (b * sum(column(i))) / average;
      return ((x * (k1 + 1)) / (k1 * lengthNorm + x)) * idf;
    }),
  );
  return Array.from({ length: items }, (_, i) => {
    const row = Array.from({ length: items }, (__, j) =>
      sum(Array.from({ length: users }, (___, u) => W[u][i] * W[u][j])),
    );
    const kth = row.toSorted((x, y) => y - x)[k - 1];
    return row.map((value) => (value >= kth ? value : 0));
  });
}

const USERS = 30;
const ITEMS = 50;
const rng = new SeededRng(8);
const events = Array.from({ length: 400 }, (): Event => [rng.int(USERS), Math.floor(ITEMS * rng.next() ** 2), []]);
const X = Array.from({ length: USERS }, () => new Array<number>(ITEMS).fill(0));
for (const [user, item] of events) X[user][item]++;

describe.each(['cosine', 'bm25'] as const)('itemKnn by %s', (similarity) => {
  // Cosines of small counts are often the same, and rounding decides who is among the nearest.
  const neighbours = similarity === 'cosine' ? ITEMS : 12;
  const use = itemKnn({ similarity, neighbours, bm25: { k1: 0.9, b: 0.4 } });

  it('sums the similarities that implicit has, over the whole history or its newest', async () => {
    const S = implicitSimilarity(X, similarity, 0.9, 0.4, neighbours);
    const model = await fitted(use, events, USERS, ITEMS);
    const short = await fitted(
      itemKnn({ similarity, neighbours, bm25: { k1: 0.9, b: 0.4 }, history: 2 }),
      events,
      USERS,
      ITEMS,
    );
    const history = [3, 17, 0, 3, 41];
    const users = batchOf([[-1, 0, history]]);
    const counts = Array.from({ length: ITEMS }, (_, i) => X.reduce((total, row) => total + row[i], 0));
    const expected = (past: readonly number[]): number[] =>
      counts.map((count, i) =>
        Math.log(past.reduce((total, h) => total + S[h][i], 0) + (1e-3 * count) / events.length + 1e-7),
      );
    for (const [instance, past] of [
      [model, history],
      [short, history.slice(0, 2)],
    ] as const)
      expect([...(await instance.predict(users, allItems(ITEMS)))]).toEqual(
        expected(past).map((score) => expect.closeTo(score, 4)),
      );
  });

  it('scores lists of any kind, and items that it was not fitted to, as it scores all items', async () => {
    const model = await fitted(use, events, USERS, ITEMS);
    const users = batchOf([
      [0, 0, [3, 9, ITEMS + 4]],
      [1, 0, []],
      [2, 0, [7]],
    ]);
    const all = (await model.predict(users, allItems(ITEMS))).slice();
    const shared = await model.predict(users, { kind: 'shared', items: Int32Array.of(4, ITEMS + 2) });
    expect([...shared]).toEqual([4, 54, 104].flatMap((at) => [all[at], Math.fround(Math.log(1e-7))]));
    const ragged = await model.predict(users, {
      kind: 'ragged',
      offsets: Int32Array.of(0, 2, 2, 3),
      items: Int32Array.of(8, 1, 6),
    });
    expect([...ragged]).toEqual([all[8], all[1], all[106]]);
  });

  it('says the same from a saved state', async () => {
    const model = await fitted(use, events, USERS, ITEMS);
    const other = await opened(use, USERS, ITEMS);
    await other.load(structuredClone(await model.save()));
    const users = batchOf(events.slice(0, 10).map(([user, item]): Event => [user, item, [item, (item + 3) % ITEMS]]));
    const before = (await model.predict(users, allItems(ITEMS))).slice();
    expect(await other.predict(users, allItems(ITEMS))).toEqual(before);
    expect(await other.save()).toEqual(await model.save());
  });

  it.each<[string, readonly Event[], number, number]>([
    ['nothing', [], 0, 0],
    ['users and items without events', [], 3, 4],
    ['one user and one item', [[0, 0, []]], 1, 1],
    ['an item met again and again', [0, 1, 2, 3].map((): Event => [0, 2, []]), 2, 5],
    ['identical histories', [0, 1, 2, 3, 4, 5].map((n): Event => [n % 3, n < 3 ? 0 : 1, []]), 3, 3],
    ['users who met everything', [0, 1, 2, 3, 4, 5].map((n): Event => [n % 2, n >> 1, []]), 2, 3],
  ])('bears %s', async (_, all, users, items) => {
    const model = await fitted(use, all, users, items);
    const contexts = batchOf([
      [-1, 0, [0, 1]],
      [0, 0, []],
    ]);
    const scores = await model.predict(contexts, allItems(items));
    expect(scores).toHaveLength(2 * items);
    expect(scores.every((score) => Number.isFinite(score))).toBe(true);
  });
});
