import type { DomainModel, FitRun } from '@tandem-rec/contract';
import { allItems, batchOf, testEnvironment, testTables } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { asked, dataOf, eventsOf } from '../test/timelines.ts';
import { ease } from './ease.ts';

const USERS = 6;
const ITEMS = 4;
/** Oldest first. The first user met item 2 twice. */
const TIMELINES = [[0, 2, 1, 2], [2, 1], [0, 3], [3], [], [1, 2, 3]];

/** B of λ = 2 in fractions, by Gauss–Jordan on (XᵀX + 2 I | I). */
const B = [
  [0, 1 / 11, 1 / 11, 1 / 5],
  [2 / 19, 0, 25 / 44, 1 / 10],
  [2 / 19, 25 / 44, 0, 1 / 10],
  [3 / 19, 3 / 44, 3 / 44, 0],
];

const run: FitRun = {
  signal: new AbortController().signal,
  epochs: 10,
  epoch: async () => ({ stop: false }),
};

async function open(use = ease({ lambda: 2, sharpness: 1 }), users = USERS, items = ITEMS): Promise<DomainModel> {
  const model = await use.definition.create(use.definition.options.parse(use.options), testEnvironment());
  await model.attach(testTables(use, users, items).attachment);
  return model;
}

describe('ease', () => {
  it('is the closed form; an item met twice counts once', async () => {
    const model = await open();
    await model.fit!(dataOf(TIMELINES, ITEMS), run);
    const scores = await model.predict(asked([0], [1], [2], [3], [2, 0, 2], []), allItems(ITEMS));
    const both = B[0].map((weight, i) => weight + B[2][i]);
    const counts = [2, 3, 3, 3].map(Math.log1p);
    expect([...scores]).toEqual([...B.flat(), ...both, ...counts].map((score) => expect.closeTo(score, 5)));
  });

  it('learned event by event is what fitting gives', async () => {
    const events = eventsOf(TIMELINES);
    const fresh = events.length - 1;
    const learned = await open(ease({ lambda: 2, sharpness: 1, refreshEvery: fresh }));
    for (const event of events) await learned.learn!(batchOf([event]), []);
    const fitted = await open();
    await fitted.fit!(dataOf(TIMELINES, ITEMS), run);
    expect(await learned.save()).toEqual(await fitted.save());
  });

  it('follows the stream only as often as asked, and replays never', async () => {
    const model = await open(ease({ lambda: 2, refreshEvery: 3 }));
    await model.fit!(dataOf(TIMELINES, ITEMS), run);
    const before = (await model.predict(asked([0]), allItems(ITEMS))).slice();
    await model.learn!(batchOf([[4, 0, []]]), []);
    await model.learn!(batchOf([[4, 3, [0]]]), []);
    await model.learn!(batchOf([[4, 3, [3, 0]]]), []);
    await model.learn!(batchOf([[3, 1, [3]]], 0), []);
    expect(await model.predict(asked([0]), allItems(ITEMS))).toEqual(before);
    await model.learn!(batchOf([[4, 1, [3, 0]]]), []);
    expect(await model.predict(asked([0]), allItems(ITEMS))).not.toEqual(before);
  });

  it('works without any data, and refuses what has no room before it is begun', async () => {
    const model = await open();
    await model.fit!(dataOf([[], []], 3), run);
    expect([...(await model.predict(asked([1], []), allItems(3)))]).toEqual([0, 0, 0, 0, 0, 0]);
    await model.fit!(dataOf([], 0), run);
    expect(await model.predict(asked([]), allItems(0))).toHaveLength(0);
    await expect(model.fit!(dataOf([[1]], 40_981), run)).rejects.toMatchObject({
      code: 'TANDEM_MEMORY_TOO_SMALL',
      message: expect.stringMatching(/EASE over 40,981 items.* 6,407 MiB/),
    });
    await expect(model.learn!(batchOf([[0, 999_999, []]]), [])).rejects.toMatchObject({
      code: 'TANDEM_MEMORY_TOO_SMALL',
    });
  });
});
