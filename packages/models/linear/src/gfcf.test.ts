import { batchOf, allItems, testEnvironment, testTables } from '@tandem-rec/testkit';
import { SeededRng, symmetricEigen } from '@tandem-rec/compute';
import type { DomainModel, FitRun } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { asked, dataOf, eventsOf } from '../test/timelines.ts';
import { gfcf } from './gfcf.ts';

const USERS = 12;
const ITEMS = 9;

const run: FitRun = { signal: new AbortController().signal, epochs: 1, epoch: async () => ({ stop: false }) };

const rng = new SeededRng(3);
/** Oldest first; items may occur twice. Every item occurs. */
const TIMELINES = Array.from({ length: USERS }, (_, user) => [
  user % ITEMS,
  ...Array.from({ length: rng.int(5) }, () => rng.int(ITEMS)),
]);

async function open(use: ReturnType<typeof gfcf>): Promise<DomainModel> {
  const model = await use.definition.create(use.definition.options.parse(use.options), testEnvironment());
  await model.attach(testTables(use, USERS, ITEMS).attachment);
  return model;
}

/** x (R̃ᵀ R̃ + α D_I^-½ V Vᵀ D_I^½) as the authors' code computes it, on dense arrays. */
function reference(history: readonly number[], rank: number, alpha: number): number[] {
  const R = TIMELINES.map((items) => Array.from({ length: ITEMS }, (_, i) => +items.includes(i)));
  const dU = R.map((row) => row.reduce((a, b) => a + b));
  const dI = R[0].map((_, i) => R.reduce((sum, row) => sum + row[i], 0));
  const normal = R.map((row, u) => row.map((x, i) => x / Math.sqrt(dU[u] * dI[i])));
  const P = dI.map((_, i) => dI.map((__, j) => normal.reduce((sum, row) => sum + row[i] * row[j], 0)));
  const { vectors } = symmetricEigen(Float64Array.from(P.flat()), ITEMS);
  return dI.map((_, j) =>
    history.reduce((sum, i) => {
      let low = 0;
      for (let k = 0; k < rank; k++) low += vectors[i * ITEMS + k] * vectors[j * ITEMS + k];
      return sum + P[i][j] + (alpha * low * Math.sqrt(dI[j])) / Math.sqrt(dI[i]);
    }, 0),
  );
}

describe('gfcf', () => {
  it('is both filters', async () => {
    const model = await open(gfcf({ rank: 3, oversampling: 4, iterations: 12, alpha: 0.7, sharpness: 1 }));
    await model.fit!(dataOf(TIMELINES, ITEMS), run);
    const scores = await model.predict(asked([1], [4, 2, 4], [8, 7, 6, 5]), allItems(ITEMS));
    const expected = [[1], [4, 2], [8, 7, 6, 5]].flatMap((history) => reference(history, 3, 0.7));
    expect([...scores]).toEqual(expected.map((score) => expect.closeTo(score, 4)));
  });

  it('comes near what fitting gives when it follows a stream', async () => {
    const options = { rank: 3, oversampling: 4, refreshEvery: 4, sharpness: 1 };
    const learned = await open(gfcf(options));
    const events = eventsOf(TIMELINES);
    for (const event of events) await learned.learn!(batchOf([event]), []);
    for (let again = 0; again < 60; again++) await learned.learn!(batchOf([events[again % events.length]]), []);
    const fitted = await open(gfcf({ ...options, iterations: 12 }));
    await fitted.fit!(dataOf(TIMELINES, ITEMS), run);
    const expected = (await fitted.predict(asked([1], [4, 2]), allItems(ITEMS))).slice();
    const scores = await learned.predict(asked([1], [4, 2]), allItems(ITEMS));
    expect([...scores]).toEqual([...expected].map((score) => expect.closeTo(score, 2)));
  });

  it('works without any data, where all did the same, and for who has done nothing', async () => {
    const model = await open(gfcf({ sharpness: 1 }));
    expect([...(await model.predict(asked([1]), allItems(3)))]).toEqual([0, 0, 0]);
    await model.fit!(dataOf([], 0), run);
    expect([...(await model.predict(asked([1]), allItems(3)))]).toEqual([0, 0, 0]);
    await model.fit!(dataOf([[0, 2], [2, 0], []], 3), run);
    const scores = await model.predict(asked([2], []), allItems(3));
    // One singular vector, (1, 0, 1)/√2, so both filters answer a half; the low-pass filter has weight 0.3.
    expect([...scores]).toEqual([0.65, 0, 0.65, Math.log(3), 0, Math.log(3)].map((score) => expect.closeTo(score, 5)));
  });
});
