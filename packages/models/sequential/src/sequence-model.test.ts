import { openTensorBackend, SeededRng } from '@tandem-rec/compute';
import type { DomainModel, Interactions, PluginUse, UserContexts } from '@tandem-rec/contract';
import { allItems, batchOf, testTables, type TestTables } from '@tandem-rec/testkit';
import { beforeAll, expect, it } from 'vitest';
import { bert4rec } from './bert4rec.ts';
import { sasrec } from './sasrec.ts';

const ITEMS = 12;
const USERS = 40;
const LENGTH = 6;
const small = { dim: 16, maxLength: 8, dropout: 0, learningRate: 0.01, tokens: 64 } as const;

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

async function start(use: PluginUse<'domain-model'>): Promise<{ model: DomainModel; tables: TestTables }> {
  const tables = testTables(use, USERS, ITEMS);
  const model = await use.definition.create(use.definition.options.parse(use.options), {
    rng: new SeededRng(1, 'model'),
  } as never);
  await model.attach(tables.attachment);
  return { model, tables };
}

/** After item i everybody takes item i + 5, and begins anywhere. */
const walk = (first: number): number[] => Array.from({ length: LENGTH }, (_, t) => (first + 5 * t) % ITEMS);

const data: Interactions = {
  size: USERS * LENGTH,
  users: USERS,
  items: ITEMS,
  timelines: {
    offsets: Int32Array.from({ length: USERS + 1 }, (_, user) => user * LENGTH),
    items: Int32Array.from(Array.from({ length: USERS }, (_, user) => walk(user)).flat()),
    values: new Float32Array(USERS * LENGTH).fill(1),
    atMs: new Float64Array(USERS * LENGTH),
  },
  batch: () => {
    throw new Error('Timelines are enough.');
  },
};

/** Somebody never met, who has walked from each item and is to take the last step. */
function strangers(): UserContexts {
  const contexts = batchOf(
    Array.from({ length: ITEMS }, (_, item) => [0, 0, walk(item).slice(0, -1).reverse()] as const),
  );
  return { ...contexts, users: new Int32Array(ITEMS).fill(-1) };
}

async function hits(model: DomainModel): Promise<number> {
  const scores = await model.predict(strangers(), allItems(ITEMS));
  return Array.from({ length: ITEMS }, (_, item) => {
    const own = scores.subarray(item * ITEMS, (item + 1) * ITEMS);
    return own.indexOf(Math.max(...own)) === walk(item)[LENGTH - 1];
  }).filter(Boolean).length;
}

it.each<readonly [string, PluginUse<'domain-model'>, number]>([
  ['sasrec, all items competing', sasrec({ ...small, loss: 'full-softmax' }), 40],
  ['sasrec, sampled', sasrec({ ...small, negatives: 4 }), 40],
  ['bert4rec', bert4rec({ ...small, learningRate: 0.003, masked: 0.2, lastOnly: 0.3, loss: 'full-softmax' }), 100],
])('%s finds what comes next for people it never met', async (_name, use, epochs) => {
  const { model } = await start(use);
  const losses: number[] = [];
  await model.fit!(data, {
    signal: new AbortController().signal,
    epochs,
    epoch: async ({ loss }) => ({ stop: losses.push(loss) < 0 }),
  });
  expect(losses[epochs - 1]).toBeLessThan(losses[0] / 2);
  expect(await hits(model)).toBe(ITEMS);
});

it('learns the same on a stream', async () => {
  const { model, tables } = await start(sasrec(small));
  for (let step = 0; step < 60; step++) {
    const events = Array.from({ length: 8 }, (_, i) => {
      const past = walk((step * 8 + i) % ITEMS);
      return [i, past[LENGTH - 1], past.slice(0, LENGTH - 1).reverse()] as const;
    });
    tables.apply(await model.learn!(batchOf(events), []));
  }
  expect(await hits(model)).toBe(ITEMS);
});

it('says what is popular to those without a past', async () => {
  const { model, tables } = await start(sasrec(small));
  tables.statistics.itemCounts[7] = 3;
  tables.statistics.interactions = 3;
  const scores = await model.predict(batchOf([[0, 0, []]]), allItems(ITEMS));
  expect(scores.indexOf(Math.max(...scores))).toBe(7);
  expect(scores.reduce((sum, score) => sum + Math.exp(score), 0)).toBeCloseTo(1, 5);
});

it('ends when it is aborted', async () => {
  const { model } = await start(sasrec(small));
  const abort = new AbortController();
  const epoch = async () => {
    abort.abort(new Error('enough'));
    return { stop: false };
  };
  await expect(model.fit!(data, { signal: abort.signal, epochs: 9, epoch })).rejects.toThrow('enough');
});
