import { rankOf, SeededRng } from '@tandem-rec/compute';
import type { DomainModel, Interactions, PluginUse } from '@tandem-rec/contract';
import { allItems, batchOf, testTables } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { lightgcn } from './lightgcn.ts';
import { ngcf } from './ngcf.ts';

const USERS = 30;
const ITEMS = 40;

/** Users like one of five groups of eight items, and have met six of them. */
function groups(): Interactions['timelines'] {
  const rng = new SeededRng(3);
  const lists = Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: 8 }, (__, k) => (user % 5) * 8 + k).filter(() => rng.next() < 0.7),
  );
  const offsets = new Int32Array(USERS + 1);
  for (const [user, { length }] of lists.entries()) offsets[user + 1] = offsets[user] + length;
  const items = Int32Array.from(lists.flat());
  return { offsets, items, values: new Float32Array(items.length).fill(1), atMs: new Float64Array(items.length) };
}

async function start(
  use: PluginUse<'domain-model'>,
  threads: number,
  tables = testTables(use, USERS, ITEMS),
): Promise<DomainModel> {
  const model = await use.definition.create(use.definition.options.parse(use.options), {
    rng: new SeededRng(1, 'lightgcn'),
    threads,
  } as never);
  await model.attach(tables.attachment);
  return model;
}

async function fitted(
  use: PluginUse<'domain-model'>,
  threads = 1,
  tables = testTables(use, USERS, ITEMS),
): Promise<DomainModel> {
  const model = await start(use, threads, tables);
  const timelines = groups();
  await model.fit!({ size: timelines.items.length, users: USERS, items: ITEMS, timelines } as Interactions, {
    signal: new AbortController().signal,
    epochs: 30,
    epoch: async () => ({ stop: false }),
  });
  return model;
}

/** Mean rank of the items of each user's group that they have not met. Chance: about 19. */
async function meanRank(model: DomainModel, userOf: (user: number) => number): Promise<number> {
  const { offsets, items } = groups();
  let [sum, count] = [0, 0];
  for (let user = 0; user < USERS; user++) {
    const met = items.subarray(offsets[user], offsets[user + 1]);
    const scores = await model.predict(batchOf([[userOf(user), 0, [...met]]]), allItems(ITEMS));
    for (const item of met) scores[item] = -Infinity;
    for (let item = (user % 5) * 8; item < (user % 5) * 8 + 8; item++) {
      if (met.includes(item)) continue;
      sum += rankOf(scores, 0, ITEMS, item, undefined);
      count++;
    }
  }
  return sum / count;
}

const SMALL = { dim: 16, batch: 64, learningRate: 0.05 };

describe.each([
  ['lightgcn by bpr', lightgcn({ ...SMALL, loss: { kind: 'bpr' } })],
  ['lightgcn by sampled softmax', lightgcn(SMALL)],
  ['ngcf by bpr', ngcf({ ...SMALL, loss: { kind: 'bpr' } })],
  ['ngcf by sampled softmax', ngcf({ ...SMALL, nodeDropout: 0.1 })],
] as const)('%s', (_name, use) => {
  it('finds what each user likes', async () => {
    expect(await meanRank(await fitted(use), (user) => user)).toBeLessThan(3);
  });

  it('knows somebody it never met by their history', async () => {
    expect(await meanRank(await fitted(use), () => -1)).toBeLessThan(3);
  });

  it('learns the same on two threads', async () => {
    const { arrays } = await (await fitted(use)).save();
    const again = await (await fitted(use, 2)).save();
    expect(again.arrays.map(({ data }) => [...data])).toEqual(arrays.map(({ data }) => [...data]));
  });

  it('ranks by what rows are at the moment, whoever moved them', async () => {
    const tables = testTables(use, USERS, ITEMS);
    const model = await fitted(use, 1, tables);
    const other = await start(use, 1, tables);
    await other.load(await model.save());
    const batch = batchOf([[7, 3, []]]);
    const before = (await model.predict(batch, allItems(ITEMS))).slice();
    tables.apply(await model.learn!(batch, []));
    const moved = (await model.predict(batch, allItems(ITEMS))).slice();
    expect(moved).not.toEqual(before);
    await other.load(await model.save());
    expect(await other.predict(batch, allItems(ITEMS))).toEqual(moved);
    tables.attachment.own['item'].assign(Int32Array.of(3), new Float32Array(16));
    expect((await model.predict(batch, allItems(ITEMS)))[3]).not.toBe(moved[3]);
  });

  it('keeps an edge once, however often it is learned', async () => {
    const tables = testTables(use, USERS, ITEMS);
    const model = await start(use, 1, tables);
    const { offsets, items } = groups();
    const events = Array.from({ length: USERS }, (_, user) =>
      [...items.subarray(offsets[user], offsets[user + 1])].map((item) => [user, item, []] as const),
    ).flat();
    // A spread is due after 256 events.
    const epochs = Math.ceil(256 / events.length) + 1;
    for (let epoch = 0; epoch < epochs; epoch++) tables.apply(await model.learn!(batchOf(events), []));
    const { arrays } = await model.save();
    const [users, those] = ['edges/users', 'edges/items'].map((name) => arrays.find((one) => one.name === name)!.data);
    const pairs = [...users].map((user, e) => `${user} ${those[e]}`);
    expect(pairs.slice(0, events.length)).toEqual(events.map(([user, item]) => `${user} ${item}`));
    expect(pairs).toHaveLength(2 * events.length);
  });

  it('goes on from its state as if nothing had happened, and refuses one of another width', async () => {
    const state = await (await fitted(use)).save();
    const other = await start(use, 1);
    await other.load(state);
    expect((await other.save()).arrays).toEqual(state.arrays);
    const narrow = await start({ ...use, options: { ...(use.options as object), dim: 8 } }, 1);
    expect(() => narrow.load(state)).toThrow(expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH' }));
  });
});

it('ranks by cosines and a power of the lengths of items', async () => {
  const loss = { kind: 'sampled-softmax', similarity: 'cosine', temperature: 0.2, lengths: 0.3 } as const;
  const model = await fitted(lightgcn({ dim: 16, batch: 64, learningRate: 0.05, loss }));
  const { data: U } = await model.represent!('user', Int32Array.of(7));
  const { data: V } = await model.represent!(
    'item',
    Int32Array.from({ length: ITEMS }, (_, item) => item),
  );
  const expected = Array.from({ length: ITEMS }, (_, item) => {
    const row = V.subarray(item * 16, (item + 1) * 16);
    const product = row.reduce((sum, value, d) => sum + value * U[d], 0);
    return (product * Math.hypot(...row) ** (0.3 - 1)) / Math.hypot(...U) / 0.2;
  });
  const scores = await model.predict(batchOf([[7, 0, []]]), allItems(ITEMS));
  for (let item = 0; item < ITEMS; item++) expect(scores[item]).toBeCloseTo(expected[item], 3);
});
