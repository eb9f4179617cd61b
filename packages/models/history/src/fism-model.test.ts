import { rankOf, SeededRng } from '@tandem-rec/compute';
import type { Batch, DomainModel, Lesson, PluginUse, RepresentationLesson } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { allItems, batchOf, testTables, type TestTables } from '@tandem-rec/testkit';
import { fism } from './fism.ts';

const USERS = 40;
const ITEMS = 60;

async function start(
  use: PluginUse<'domain-model'> = fism({ dim: 16 }),
  seed = 1,
): Promise<{ model: DomainModel; tables: TestTables }> {
  const tables = testTables(use, USERS, ITEMS);
  const environment = { name: 'fism', rng: new SeededRng(seed, 'fism') };
  const model = await use.definition.create(use.definition.options.parse(use.options), environment as never);
  await model.attach(tables.attachment);
  return { model, tables };
}

async function learn(
  { model, tables }: Awaited<ReturnType<typeof start>>,
  batch: Batch,
  lessons: readonly Lesson[] = [],
) {
  const step = await model.learn!(batch, lessons);
  tables.apply(step);
  for (const item of batch.items.subarray(0, batch.fresh)) {
    tables.statistics.itemCounts[item]++;
    tables.statistics.interactions++;
  }
  return step;
}

/** A stream in which everybody stays within one of six groups of items, all equally popular. */
function* stream(events: number, size: number): Generator<Batch> {
  const rng = new SeededRng(2);
  const histories = Array.from({ length: USERS }, (): number[] => []);
  for (let from = 0; from < events; from += size)
    yield batchOf(
      Array.from({ length: size }, () => {
        const user = rng.int(USERS);
        const item = (user % 6) * 10 + rng.int(10);
        const history = histories[user].slice(0, 5);
        histories[user].unshift(item);
        return [user, item, history] as const;
      }),
    );
}

async function meanRank(run: Awaited<ReturnType<typeof start>>, events: number): Promise<number> {
  let sum = 0;
  let count = 0;
  let seen = 0;
  for (const batch of stream(events, 20)) {
    seen += batch.size;
    const scores = await run.model.predict(batch, allItems(ITEMS));
    if (seen > events / 2)
      for (let b = 0; b < batch.size; b++, count++) sum += rankOf(scores, b * ITEMS, ITEMS, batch.items[b], undefined);
    await learn(run, batch);
  }
  return sum / count;
}

describe('fism', () => {
  it('finds the group of a user, where popularity finds nothing', async () => {
    // Chance, and popularity here: 29.5. Within the group alone: 4.5.
    expect(await meanRank(await start(fism({ dim: 16, maskHistory: false })), 2000)).toBeLessThan(9);
  });

  it('learns as well from sampled candidates', async () => {
    expect(await meanRank(await start(fism({ dim: 16, maskHistory: false, negatives: 15 })), 2000)).toBeLessThan(10);
  });

  it('knows a user it has never seen by what they just did', async () => {
    const run = await start(fism({ dim: 16, maskHistory: false }));
    await meanRank(run, 2000);
    const newcomer = { ...batchOf([[0, 0, [31, 35]]]), users: Int32Array.of(0) };
    const scores = await run.model.predict(newcomer, allItems(ITEMS));
    const best = [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, 5);
    expect(best.every((item) => (item >= 30 && item < 40) || item < 10)).toBe(true);
  });

  it('gives the same scores for shared and ragged candidates', async () => {
    const run = await start();
    for (const batch of stream(400, 20)) await learn(run, batch);
    const [batch] = stream(20, 20);
    const all = (await run.model.predict(batch, allItems(ITEMS))).slice();
    const items = Int32Array.of(7, 50, 3);
    const shared = (await run.model.predict(batch, { kind: 'shared', items })).slice();
    const offsets = Int32Array.from({ length: batch.size + 1 }, (_, b) => b * 3);
    const repeated = Int32Array.from({ length: batch.size * 3 }, (_, i) => items[i % 3]);
    const ragged = await run.model.predict(batch, { kind: 'ragged', offsets, items: repeated });
    expect(ragged.length).toBe(shared.length);
    for (let i = 0; i < shared.length; i++) {
      expect(shared[i]).toBeCloseTo(all[Math.floor(i / 3) * ITEMS + items[i % 3]], 5);
      expect(ragged[i]).toBeCloseTo(shared[i], 5);
    }
  });

  it.each([4096, 15])(
    'a dry run reports the losses of the step and changes nothing (%i negatives)',
    async (negatives) => {
      const run = await start(fism({ dim: 8, negatives }));
      for (const batch of stream(200, 20)) await learn(run, batch);
      const [batch] = stream(20, 20);
      const dry = await run.model.learn!(batch, [], { dryRun: true });
      expect(dry.rowGradients).toEqual([]);
      expect((await run.model.learn!(batch, [])).losses).toEqual(dry.losses);
    },
  );

  it.each([4096, 15])('continues bit for bit from a saved state (%i negatives)', async (negatives) => {
    const batches = [...stream(400, 20)];
    const one = await start(fism({ dim: 8, negatives }));
    for (const batch of batches.slice(0, 10)) await learn(one, batch);

    const other = await start(fism({ dim: 8, negatives }));
    const state = structuredClone(await one.model.save());
    other.tables.embeddings.load(structuredClone(one.tables.embeddings.save()));
    await other.model.load(state);
    other.tables.statistics.itemCounts.set(one.tables.statistics.itemCounts);
    other.tables.statistics.interactions = one.tables.statistics.interactions;
    // The engine keeps the streams of components; here the same number of draws is made.
    if (negatives < ITEMS)
      for (const batch of batches.slice(0, 10)) await other.model.learn!(batch, [], { dryRun: false });
    await other.model.load(state);
    for (const batch of batches.slice(10)) expect(await learn(other, batch)).toEqual(await learn(one, batch));
    expect(await other.model.save()).toEqual(await one.model.save());
    const scores = (await one.model.predict(batches[0], allItems(ITEMS))).slice();
    expect(await other.model.predict(batches[0], allItems(ITEMS))).toEqual(scores);
  });

  it('refuses the state of another shape', async () => {
    const { model } = await start();
    const other = await start(fism({ dim: 8 }));
    const state = await other.model.save();
    expect(() => model.load(state)).toThrow(/parameters should be a Float32Array/);
  });

  it('lets vectors of users and items be taught', async () => {
    const run = await start();
    const [batch] = stream(20, 20);
    const cosines = async (side: 'user' | 'item') => {
      const { data } = await run.model.represent!(side, Int32Array.of(1, 2));
      return data.slice(0, 16).reduce((dot, value) => dot + value, 0) / (Math.hypot(...data.slice(0, 16)) * 4);
    };
    const lesson = (side: 'user' | 'item'): RepresentationLesson => ({
      kind: 'representations',
      from: 'teacher',
      to: 'fism',
      side,
      rows: Int32Array.of(1, 2),
      target: { rows: 2, cols: 16, data: new Float32Array(32).fill(1) },
      loss: side === 'user' ? 'mse' : 'cosine',
      temperature: 1,
      weight: 5,
    });
    for (let step = 0; step < 60; step++) {
      const { losses } = await learn(run, batch, [lesson('user'), lesson('item')]);
      expect(losses['alignment']).toBeGreaterThan(0);
    }
    expect(await cosines('user')).toBeGreaterThan(0.9);
    expect(await cosines('item')).toBeGreaterThan(0.9);
  });
});
