import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { rankPairsReference, warpPairsReference } from './pairwise-reference.ts';
import { rankPairs, warpPairs, type PairwiseData, type PairwiseRows } from './pairwise.ts';
import { SeededRng } from './seeded-rng.ts';

function world(arena: Arena, seed: number, dim: number, userCount: number, itemCount: number) {
  const rng = new SeededRng(seed);
  const lists = Array.from({ length: userCount }, () => [...Array(itemCount).keys()].filter(() => rng.next() < 0.3));
  const data: PairwiseData = {
    offsets: arena.int32(userCount + 1),
    items: arena.int32(lists.flat().length),
    users: arena.int32(lists.flat().length),
    itemCount,
    state: arena.int32(2).fill(seed | 1),
  };
  data.items.set(lists.flat());
  data.users.set(lists.flatMap((list, user) => list.map(() => user)));
  for (const [user, list] of lists.entries()) data.offsets[user + 1] = data.offsets[user] + list.length;
  const normal = (length: number) => arena.float32(length).map(() => 0.4 * rng.normal());
  const place = (values: Float32Array) => {
    const into = arena.float32(values.length);
    into.set(values);
    return into;
  };
  const rows: PairwiseRows = {
    dim,
    w: place(normal(userCount * dim)),
    h: place(normal(itemCount * dim)),
    bias: place(normal(itemCount)),
  };
  const ones = (like: Float32Array) => arena.float32(like.length).fill(1);
  const sums = { w: ones(rows.w), h: ones(rows.h), bias: ones(rows.bias) };
  const order = arena.int32(data.items.length);
  for (let k = 0; k < order.length; k++) order[k] = rng.int(order.length);
  const weights = arena.float32(6);
  for (let k = 0; k < weights.length; k++) weights[k] = 1 / (k + 1);
  return { data, rows, sums, order, weights };
}

function expectNear(actual: Float32Array, expected: Float32Array): void {
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 3);
}

const worlds = fc.tuple(
  fc.integer({ min: 1, max: 1e6 }),
  fc.integer({ min: 1, max: 6 }).map((fours) => 4 * fours),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 20 }),
);

describe.each(KERNEL_NAMES)('pairs on %s', (kernel) => {
  it.each([true, false])('rank as Bayesian personalised ranking defines it, drawn by user: %s', (byUser) => {
    fc.assert(
      fc.property(worlds, ([seed, dim, users, items]) => {
        const how = { samples: 60, byUser, rate: 0.05, biasRate: 0.02, regularisation: 0.01 };
        const arena = new Arena({ kernel });
        const one = world(arena, seed, dim, users, items);
        const two = world(arena, seed, dim, users, items);
        const loss = rankPairs(arena, one.data, one.rows, how);
        expect(loss).toBeCloseTo(rankPairsReference(two.data, two.rows, how), 4);
        expect([...one.data.state]).toEqual([...two.data.state]);
        for (const name of ['w', 'h', 'bias'] as const) expectNear(one.rows[name], two.rows[name]);
      }),
      { numRuns: 30 },
    );
  });

  it('rank as WARP defines it', () => {
    fc.assert(
      fc.property(worlds, ([seed, dim, users, items]) => {
        const arena = new Arena({ kernel });
        const one = world(arena, seed, dim, users, items);
        const two = world(arena, seed, dim, users, items);
        const how = ({ order, weights }: typeof one) => ({ order, weights, rate: 0.05, regularisation: 0.01 });
        const loss = warpPairs(arena, one.data, one.rows, one.sums, how(one));
        expect(loss).toBeCloseTo(warpPairsReference(two.data, two.rows, two.sums, how(two)), 3);
        expect([...one.data.state]).toEqual([...two.data.state]);
        for (const name of ['w', 'h', 'bias'] as const) {
          expectNear(one.rows[name], two.rows[name]);
          expectNear(one.sums[name], two.sums[name]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('moves nothing where there is no event, or nothing that was not met', () => {
    const arena = new Arena({ kernel });
    const { data, rows } = world(arena, 3, 8, 1, 1);
    data.offsets[1] = 0;
    const before = rows.w.slice();
    const how = { samples: 10, byUser: true, rate: 0.1, biasRate: 0.1, regularisation: 0.1 };
    expect(rankPairs(arena, { ...data, items: data.items.subarray(0, 0) }, rows, how)).toBe(0);
    const items = arena.int32(1);
    data.offsets[1] = 1;
    expect(rankPairs(arena, { ...data, items, users: arena.int32(1) }, rows, how)).toBe(0);
    expect([...rows.w]).toEqual([...before]);
  });
});

it('refuses a generator that cannot move and rows that are not whole vectors', () => {
  const arena = new Arena();
  const { data, rows } = world(arena, 3, 8, 2, 4);
  const how = { samples: 1, byUser: false, rate: 0.1, biasRate: 0, regularisation: 0 };
  expect(() => rankPairs(arena, { ...data, state: arena.int32(2) }, rows, how)).toThrow(RangeError);
  expect(() => rankPairs(arena, data, { ...rows, dim: 6 }, how)).toThrow(RangeError);
});
