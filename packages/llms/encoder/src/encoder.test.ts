import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogueItem, LanguageModel } from '@tandem-rec/contract';
import { itemText } from '@tandem-rec/data';
import { MiniLmEncoder } from '@tandem-rec/language';
import { allItems, batchOf, testEnvironment, testTables } from '@tandem-rec/testkit';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { describe, expect, it } from 'vitest';
import { tinyBert } from '../test/tiny-bert.ts';
import { encoder } from './encoder.ts';

const ITEMS: readonly CatalogueItem[] = ['a b', 'c d', '', 'e f g', 'a b', 'h h h b'].map((title, i) => ({
  id: `i${i}`,
  text: { title },
  categories: [],
}));
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, d) => sum + x * b[d], 0);

const environment = () => testEnvironment({ folder: mkdtempSync(join(tmpdir(), 'tandem-encoder-')) });

async function opened(
  options: Parameters<typeof encoder>[0] = {},
  items = ITEMS,
  env = environment(),
): Promise<LanguageModel> {
  const { definition } = encoder;
  const valid = definition.options.parse({ model: tinyBert, engine: 'plain', ...options });
  const model = await definition.create(valid, env);
  const { statistics } = testTables({ ...encoder(), kind: 'domain-model' } as never, 0, items.length).attachment;
  statistics.itemCounts.set(items.map((_, i) => i * i));
  await model.attach({
    own: {},
    shared: [],
    statistics,
    catalogue: {
      size: items.length,
      revision: 1,
      item: (row) => items[row],
      row: (id) => Number(id.slice(1)),
      changedSince: (revision) => (revision < 1 ? allItems(items.length).items : new Int32Array(0)),
    },
  });
  return model;
}

/** Vectors of the texts, each encoded alone; zeros where there is none. */
async function vectorsOf(items: readonly CatalogueItem[]): Promise<readonly Float32Array[]> {
  const plain = await MiniLmEncoder.open(tinyBert);
  return Promise.all(
    items.map(async (item) => (itemText(item) === '' ? new Float32Array(plain.dim) : plain.encode([itemText(item)]))),
  );
}

describe('encoder', () => {
  it('gives the vectors of the texts, zeros where there are no words, and none of users', async () => {
    const model = await opened();
    const rows = Int32Array.of(5, 2, 0, 4);
    const { data, cols } = await model.represent!('item', rows);
    const vectors = await vectorsOf(ITEMS);
    for (const [i, row] of rows.entries()) expect(data.subarray(i * cols, (i + 1) * cols)).toEqual(vectors[row]);
    await expect(model.represent!('user', rows)).rejects.toMatchObject({ code: 'TANDEM_COMPOSE_MISSING_CAPABILITY' });
  });

  it('scores by the cosine to what was met last, fading, in a window, by temperature and popularity', async () => {
    const model = await opened({ window: 3, halfLife: 2, temperature: 0.1, popularity: 0.5 });
    const vectors = await vectorsOf(ITEMS);
    const u = vectors[0].map((_, d) => vectors[3][d] + 2 ** -0.5 * vectors[1][d] + 2 ** -1 * vectors[5][d]);
    const expected = vectors.map((v, i) => dot(u, v) / Math.sqrt(dot(u, u)) / 0.1 + 0.5 * Math.log(1 + i * i));
    const scores = await model.predict(
      batchOf([
        [0, 0, [3, 1, 5, 0, 0, 0]],
        [-1, 0, []],
      ]),
      allItems(6),
    );
    expect([...scores.subarray(0, 6)]).toEqual(expected.map((score) => expect.closeTo(score, 4)));
    expect([...scores.subarray(6)]).toEqual(ITEMS.map((_, i) => expect.closeTo(0.5 * Math.log(1 + i * i), 5)));
    const texts = await (await opened()).predict(batchOf([[0, 0, [0]]]), allItems(6));
    expect([texts[0], texts[4]]).toEqual([expect.closeTo(10, 3), expect.closeTo(10, 3)]);
  });

  it('reads texts of 100 kB and broken ones, up to maxTokens', async () => {
    const long: readonly CatalogueItem[] = ['a b c '.repeat(17_000), 'x'.repeat(100_000), '\ud800', 'a b c'].map(
      (title, i) => ({ id: `i${i}`, text: { title }, categories: [] }),
    );
    const model = await opened({ maxTokens: 3 }, long);
    const { data, cols } = await model.represent!('item', allItems(4).items);
    expect(data.every(Number.isFinite)).toBe(true);
    // The beginning is all that is read.
    expect(data.subarray(0, cols)).toEqual(data.subarray(3 * cols));
    const whole = await (await opened({}, long)).represent!('item', allItems(4).items);
    expect(whole.data.subarray(0, cols)).not.toEqual(data.subarray(0, cols));
  });

  it('refuses the state of another encoder, and reads its own', async () => {
    const model = await opened();
    const state = await model.save();
    await model.load(structuredClone(state));
    expect(() => model.load({ ...state, values: { encoder: 'bert-0' } })).toThrow(
      expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH' }),
    );
  });

  it('says where a model was looked for', async () => {
    await expect(opened({ model: 'no-such-model' })).rejects.toMatchObject({
      code: 'TANDEM_MODEL_WEIGHTS_MISSING',
      message: expect.stringContaining('no-such-model'),
    });
  });

  it('stops when it is aborted', async () => {
    const aborted = testEnvironment({
      folder: mkdtempSync(join(tmpdir(), 'tandem-encoder-')),
      signal: AbortSignal.abort(new Error('enough')),
    });
    await expect(opened({}, ITEMS, aborted)).rejects.toThrow('enough');
  });

  const weights = requireOrSkip('models', 'all-MiniLM-L6-v2');
  it.skipIf(!weights.available)('knows what is alike in the world', async () => {
    const titles = ['Alien (1979). Horror, Sci-Fi', 'Cinderella (1950). Children, Musical', 'Aliens (1986). Sci-Fi'];
    const items = titles.map((title, i) => ({ id: `i${i}`, text: { title }, categories: [] }));
    const model = await opened({ model: modelFolder('all-MiniLM-L6-v2') }, items);
    const [, princess, sequel] = await model.predict(batchOf([[0, 0, [0]]]), allItems(3));
    expect(sequel - princess).toBeGreaterThan(2);
  });
});
