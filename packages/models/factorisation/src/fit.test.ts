import { SeededRng } from '@tandem-rec/compute';
import type { DomainModel, Interactions, PluginUse, Timelines } from '@tandem-rec/contract';
import { allItems, batchOf, testEnvironment, testTables, type TestTables } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { bpr, ials, softmaxMf, warp } from './index.ts';

/** Items of each user, oldest first. */
type Lists = readonly (readonly number[])[];

function dataOf(lists: Lists, items: number): Interactions {
  const size = lists.flat().length;
  const offsets = Int32Array.of(0, ...lists.map((_, user) => lists.slice(0, user + 1).flat().length));
  const timelines: Timelines = {
    offsets,
    items: Int32Array.from(lists.flat()),
    values: new Float32Array(size).fill(1),
    atMs: new Float64Array(size),
  };
  return { size, users: lists.length, items, timelines, batch: () => batchOf([]) };
}

async function fitted(
  use: PluginUse<'domain-model'>,
  lists: Lists,
  items: number,
  epochs: number,
): Promise<{ model: DomainModel; tables: TestTables; losses: number[] }> {
  const tables = testTables(use, lists.length, items);
  for (const [user, { length }] of lists.entries()) tables.statistics.userCounts[user] = length;
  const model = await use.definition.create(use.definition.options.parse(use.options), testEnvironment());
  await model.attach(tables.attachment);
  const losses: number[] = [];
  const epoch = async ({ loss }: { readonly loss: number }) => (losses.push(loss), { stop: false });
  await model.fit!(dataOf(lists, items), { signal: new AbortController().signal, epochs, epoch });
  return { model, tables, losses };
}

const askedBy = (users: number, history: readonly number[] = []) =>
  batchOf(Array.from({ length: users }, (_, user) => [user, 0, history] as const));

/** Users like one of five groups of eight items, and have met three of them. */
const GROUPS: Lists = Array.from({ length: 60 }, (_, user) => {
  const rng = new SeededRng(user);
  return Array.from({ length: 4 }, () => (user % 5) * 8 + rng.int(8));
});

const MODELS = [
  ['ials', ials({ dim: 8, unobservedWeight: 0.3, regularisation: 0.03 }), 10],
  ['ials exactly', ials({ dim: 5, solver: 'cholesky', regularisation: 0.03 }), 10],
  ['bpr', bpr({ dim: 8, initialStd: 0.1, fit: { learningRate: 0.1, decay: 'linear' } }), 200],
  ['warp', warp({ dim: 8, initialStd: 0.1 }), 60],
  ['softmaxMf', softmaxMf({ dim: 8, negatives: 32, fit: { batch: 32, learningRate: 0.05 } }), 60],
] as const;

describe.each(MODELS)('%s fitted at rest', (_name, use, epochs) => {
  it('finds what a user’s like have met', async () => {
    const { model, losses } = await fitted(use, GROUPS, 40, epochs);
    expect(losses).toHaveLength(epochs);
    expect(losses[epochs - 1]).toBeLessThan(losses[0]);
    const scores = await model.predict(askedBy(60), allItems(40));
    let own = 0;
    for (let user = 0; user < 60; user++) {
      const row = [...scores.subarray(user * 40, (user + 1) * 40)].map((score, item) => [score, item] as const);
      row.sort(([a], [b]) => b - a);
      own += row.slice(0, 8).filter(([, item]) => Math.floor(item / 8) === user % 5).length;
    }
    // Chance: 1.6 of 8.
    expect(own / 60).toBeGreaterThan(6);
  });

  it('is the same, bit for bit, from the same seed', async () => {
    const scores = async () => [...(await (await fitted(use, GROUPS, 40, 3)).model.predict(askedBy(60), allItems(40)))];
    expect(await scores()).toEqual(await scores());
  });

  const odd: readonly (readonly [string, Lists, number])[] = [
    ['no events', [[], []], 3],
    ['no users and no items', [], 0],
    ['one user and one item', [[0]], 1],
    ['one user who met everything', [[0, 1, 2]], 3],
    ['one item, met again and again', [[0, 0, 0], [0], []], 1],
    [
      'histories that are all the same',
      [
        [1, 2],
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      4,
    ],
  ];
  it.each(odd)('bears %s', async (_what, lists, items) => {
    const { model, losses } = await fitted(use, lists, items, 4);
    expect(losses.every(Number.isFinite)).toBe(true);
    const scores = await model.predict(askedBy(lists.length), allItems(items));
    expect(scores).toHaveLength(lists.length * items);
    expect(scores.every(Number.isFinite)).toBe(true);
  });
});

describe('ials', () => {
  const options = { dim: 3, unobservedWeight: 0.2, regularisation: 0.05, frequencyExponent: 0.5 };

  /** L(W, H) of the paper, pair by pair. */
  function objective(W: Float32Array, H: Float32Array, lists: Lists, items: number): number {
    const { dim, unobservedWeight: alpha, regularisation: lambda, frequencyExponent: nu } = options;
    const x = (u: number, i: number) =>
      [...Array(dim).keys()].reduce((sum, d) => sum + W[u * dim + d] * H[i * dim + d], 0);
    const square = (row: Float32Array) => row.reduce((sum, value) => sum + value * value, 0);
    let loss = 0;
    for (const [u, list] of lists.entries()) {
      for (const i of list) loss += (x(u, i) - 1) ** 2;
      for (let i = 0; i < items; i++) loss += alpha * x(u, i) ** 2;
      loss += lambda * (list.length + alpha * items) ** nu * square(W.subarray(u * dim, (u + 1) * dim));
    }
    for (let i = 0; i < items; i++) {
      const count = lists.flat().filter((item) => item === i).length;
      loss += lambda * (count + alpha * lists.length) ** nu * square(H.subarray(i * dim, (i + 1) * dim));
    }
    return loss;
  }

  it.each(['cholesky', 'conjugate-gradients'] as const)(
    'by %s comes to rest where the objective does',
    async (solver) => {
      const lists: Lists = [[0, 1], [1, 2, 2], [0, 3], [3, 4, 1], [4]];
      const { tables } = await fitted(ials({ ...options, solver }), lists, 5, 400);
      const [W, H] = [new Float32Array(15), new Float32Array(15)];
      tables.embeddings.table('ials/user').copy(5, W);
      tables.embeddings.table('ials/item').copy(5, H);
      expect(Math.hypot(...W)).toBeGreaterThan(0.5);
      for (const table of [W, H])
        for (let k = 0; k < 15; k++) {
          const value = table[k];
          const at = (moved: number) => ((table[k] = moved), objective(W, H, lists, 5));
          expect((at(value + 1e-2) - at(value - 1e-2)) / 2e-2).toBeCloseTo(0, 2);
          table[k] = value;
        }
    },
  );

  it('knows somebody it never met by the history, and nobody by what all like', async () => {
    const { model, tables } = await fitted(ials({ dim: 8, regularisation: 0.03 }), GROUPS, 40, 10);
    const stranger = { ...askedBy(1, [8, 9, 10]), users: Int32Array.of(-1) };
    const scores = (await model.predict(stranger, allItems(40))).slice();
    expect(Math.floor(scores.indexOf(Math.max(...scores)) / 8)).toBe(1);
    tables.statistics.itemCounts[17] = 100;
    const plain = await model.predict({ ...askedBy(1), users: Int32Array.of(-1) }, allItems(40));
    expect(plain.indexOf(Math.max(...plain))).toBe(17);
  });

  it('folding in finds the row again that the fit had found', async () => {
    const common = { dim: 8, regularisation: 0.03, solver: 'cholesky' } as const;
    const { model, tables } = await fitted(ials(common), GROUPS, 40, 200);
    const stored = (await model.predict(askedBy(60), allItems(40))).slice(0, 40);
    const folded = await model.predict({ ...askedBy(1, GROUPS[0]), users: Int32Array.of(-1) }, allItems(40));
    expect(tables.embeddings.table('ials/user').rows).toBe(60);
    for (let i = 0; i < 40; i++) expect(folded[i]).toBeCloseTo(stored[i], 1);
  });
});
