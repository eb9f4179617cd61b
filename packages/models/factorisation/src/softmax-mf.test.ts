import { SeededRng } from '@tandem-rec/compute';
import { batchOf, testEnvironment, testTables } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { drawMixed } from './mixed-negatives.ts';
import { softmaxMf, type SoftmaxMfOptions } from './softmax-mf.ts';

const [USERS, ITEMS, DIM] = [4, 12, 3];

/** The user 0 twice and the item 4 twice; some negatives are items of the batch. */
const BATCH = batchOf([
  [0, 1, [2, 3]],
  [1, 4, []],
  [0, 4, []],
]);

async function start(options: Partial<SoftmaxMfOptions>) {
  const use = softmaxMf({ dim: DIM, initialStd: 1, negatives: 16, ...options });
  const tables = testTables(use, USERS, ITEMS);
  const model = await use.definition.create(use.definition.options.parse(use.options), testEnvironment());
  await model.attach(tables.attachment);
  return { model, tables };
}

describe.each([
  ['cosine', 0.5],
  ['dot', 1.5],
] as const)('softmaxMf by %s', (similarity, temperature) => {
  it('has gradients that agree with finite differences', async () => {
    const { model, tables } = await start({ similarity, temperature });
    const loss = async () => BATCH.size * (await model.learn!(BATCH, [], { dryRun: true })).losses['ranking'];
    const numeric = new Map<string, Float64Array>();
    for (const name of ['softmaxMf/user', 'softmaxMf/item']) {
      const table = tables.embeddings.table(name);
      const values = new Float32Array(table.rows * DIM);
      const rows = Int32Array.from({ length: table.rows }, (_, row) => row);
      table.copy(table.rows, values);
      const slopes = new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        const at = async (moved: number) => ((values[i] = moved), table.assign(rows, values), loss());
        slopes[i] = ((await at(value + 5e-3)) - (await at(value - 5e-3))) / 1e-2;
        values[i] = value;
      }
      table.assign(rows, values);
      numeric.set(name, slopes);
    }
    const { rowGradients } = await model.learn!(BATCH, []);
    for (const { table, rows, values } of rowGradients) {
      const gradient = new Float64Array(numeric.get(table)!.length);
      for (let k = 0; k < values.length; k++) gradient[rows[Math.floor(k / DIM)] * DIM + (k % DIM)] += values[k];
      expect(Math.hypot(...gradient), table).toBeGreaterThan(0.1);
      for (const [i, slope] of numeric.get(table)!.entries())
        expect(Math.abs(gradient[i] - slope), `${table}[${i}]`).toBeLessThan(2e-3 + 0.01 * Math.abs(slope));
    }
  });

  it('a dry run reports the losses of the step and changes nothing', async () => {
    const { model } = await start({ similarity, temperature });
    const dry = await model.learn!(BATCH, [], { dryRun: true });
    expect(dry.rowGradients).toEqual([]);
    expect((await model.learn!(BATCH, [])).losses).toEqual(dry.losses);
  });
});

describe('predictions by cosine', () => {
  it.each([0, 0.5, 1])(
    'count items by the power %f of their length, for shared and ragged candidates',
    async (lengths) => {
      const { model, tables } = await start({ similarity: 'cosine', temperature: 0.25, lengths });
      tables.statistics.userCounts[1] = 3;
      const asked = batchOf([[1, 0, []]]);
      const items = Int32Array.of(7, 2, 11);
      const shared = (await model.predict(asked, { kind: 'shared', items })).slice();
      const ragged = await model.predict(asked, { kind: 'ragged', offsets: Int32Array.of(0, 3), items });
      const [[w], h] = [await model.represent!('user', Int32Array.of(1)), await model.represent!('item', items)].map(
        ({ rows, data }) => Array.from({ length: rows }, (_, k) => [...data.subarray(k * DIM, (k + 1) * DIM)]),
      );
      for (const [k, row] of h.entries()) {
        const cosine = row.reduce((sum, value, d) => sum + value * w[d], 0) / Math.hypot(...row) / Math.hypot(...w);
        expect(shared[k]).toBeCloseTo((cosine * Math.hypot(...row) ** lengths) / 0.25, 4);
        expect(ragged[k]).toBeCloseTo(shared[k], 4);
      }
    },
  );
});

describe('negatives', () => {
  it('are drawn as items occur and uniformly, and shifted by how often each is expected', () => {
    const events = Int32Array.of(0, 0, 0, 1);
    const counts = Int32Array.of(3, 1, 0, 0, 0);
    const sample = new Int32Array(20_000);
    const shifts = new Float32Array(sample.length);
    const occurrences = { items: 5, events, counts, total: 4 };
    drawMixed(occurrences, { popularShare: 0.5, logQ: true }, new SeededRng(1), sample, shifts);
    const expected = [0.5 * 0.75 + 0.1, 0.5 * 0.25 + 0.1, 0.1, 0.1, 0.1];
    for (const [item, q] of expected.entries()) {
      const drawn = sample.filter((other) => other === item).length;
      expect(Math.abs(drawn / sample.length - q)).toBeLessThan(0.015);
      expect(Math.exp(shifts[sample.indexOf(item)])).toBeCloseTo(1 / (sample.length * q), 6);
    }
  });
});
