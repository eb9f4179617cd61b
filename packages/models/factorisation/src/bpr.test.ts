import { rankOf, SeededRng } from '@tandem-rec/compute';
import type { Batch, DomainModel, Lesson, PluginUse, PredictionLesson } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { allItems, batchOf, testTables, type TestTables } from '@tandem-rec/testkit';
import { bpr } from './bpr.ts';

const USERS = 30;
const ITEMS = 40;

async function start(use: PluginUse<'domain-model'>): Promise<{ model: DomainModel; tables: TestTables }> {
  const tables = testTables(use, USERS, ITEMS);
  const model = await use.definition.create(use.definition.options.parse(use.options), {
    rng: new SeededRng(1, 'bpr'),
  } as never);
  await model.attach(tables.attachment);
  return { model, tables };
}

const BATCH = batchOf([
  [0, 1, [2, 3]],
  [1, 4, [5, 6, 7, 8, 0]],
  [0, 9, []],
]);

function lesson(candidates: PredictionLesson['candidates'], offsets: readonly number[]): PredictionLesson {
  const rng = new SeededRng(6);
  const target = Float32Array.from({ length: offsets[offsets.length - 1] }, () => rng.next());
  for (let b = 0; b + 1 < offsets.length; b++) {
    const row = target.subarray(offsets[b], offsets[b + 1]);
    if (row.length > 2) row[1] = 0;
    const sum = row.reduce((total, value) => total + value, 0);
    for (let i = 0; i < row.length; i++) row[i] /= sum;
  }
  return {
    kind: 'predictions',
    from: 'teacher',
    to: 'bpr',
    candidates,
    target,
    temperature: 1.5,
    weight: Float32Array.of(1, 0, 2),
  };
}

describe('gradients agree with finite differences', () => {
  const shared = lesson({ kind: 'shared', items: Int32Array.of(1, 9, 20, 4) }, [0, 4, 8, 12]);
  const ragged = lesson(
    { kind: 'ragged', offsets: Int32Array.of(0, 3, 3, 7), items: Int32Array.of(1, 30, 2, 9, 4, 11, 0) },
    [0, 3, 3, 7],
  );
  const cases: readonly (readonly [string, readonly Lesson[]])[] = [
    ['ranking', []],
    ['a lesson for all', [shared]],
    ['lessons of both kinds', [ragged, shared]],
  ];
  it.each(cases)('%s', async (_name, lessons) => {
    const { model, tables } = await start(bpr({ dim: 4, negatives: 2, regularisation: 0, initialStd: 0.7 }));
    const rowsOf = (table: string) => tables.embeddings.table(table);
    // Each sample counts a whole step: the loss is summed over the batch and over negatives.
    const loss = async () => {
      const { losses } = await model.learn!(BATCH, lessons, { dryRun: true });
      return BATCH.size * (2 * losses['ranking'] + (losses['distillation'] ?? 0));
    };
    const gradients = new Map<string, Float32Array>();
    const numeric = new Map<string, Float32Array>();
    for (const name of ['bpr/user', 'bpr/item', 'bpr/item-bias']) {
      const table = rowsOf(name);
      const slopes = new Float32Array(table.rows * table.dim);
      const row = new Float32Array(table.dim);
      for (let i = 0; i < slopes.length; i++) {
        const at = Int32Array.of(Math.floor(i / table.dim));
        table.gather(at, row);
        const value = row[i % table.dim];
        const at2 = async (moved: number) => {
          row[i % table.dim] = moved;
          table.assign(at, row);
          return loss();
        };
        slopes[i] = ((await at2(value + 5e-3)) - (await at2(value - 5e-3))) / 1e-2;
        row[i % table.dim] = value;
        table.assign(at, row);
      }
      numeric.set(name, slopes);
      gradients.set(name, new Float32Array(slopes.length));
    }
    const step = await model.learn!(BATCH, lessons);
    for (const { table, rows, values } of step.rowGradients) {
      const { dim } = rowsOf(table);
      for (let k = 0; k < values.length; k++)
        gradients.get(table)![rows[Math.floor(k / dim)] * dim + (k % dim)] += values[k];
    }
    for (const [name, slopes] of numeric) {
      expect(Math.hypot(...slopes), name).toBeGreaterThan(0.1);
      for (let i = 0; i < slopes.length; i++)
        expect(Math.abs(gradients.get(name)![i] - slopes[i]), `${name}[${i}]`).toBeLessThan(
          1e-3 + 0.01 * Math.abs(slopes[i]),
        );
    }
  });

  it('regularisation pulls every row of a sample toward zero', async () => {
    const gradient = async (regularisation: number) => {
      const { model } = await start(bpr({ dim: 4, negatives: 1, regularisation, initialStd: 0.7 }));
      const { rowGradients } = await model.learn!(BATCH, []);
      return rowGradients[1].values.slice();
    };
    const { model } = await start(bpr({ dim: 4, negatives: 1, regularisation: 0, initialStd: 0.7 }));
    const { rowGradients } = await model.learn!(BATCH, []);
    const { data } = await model.represent!('item', rowGradients[1].rows.slice());
    const [without, pulled] = [await gradient(0), await gradient(0.5)];
    for (let i = 0; i < data.length; i++) expect(pulled[i] - without[i]).toBeCloseTo(0.5 * data[i], 5);
  });
});

/** Users like one of five groups of eight items. */
function* batches(count: number, size: number): Generator<Batch> {
  const rng = new SeededRng(8);
  for (let step = 0; step < count; step++)
    yield batchOf(
      Array.from({ length: size }, () => {
        const user = rng.int(USERS);
        const group = (user % 5) * 8;
        return [user, group + rng.int(8), [group + rng.int(8)]] as const;
      }),
    );
}

describe.each(['sgd', 'adagrad'] as const)('bpr with %s', (optimiser) => {
  it('learns what each user likes', async () => {
    const { model, tables } = await start(bpr({ dim: 16, optimiser, initialStd: 0.1 }));
    for (const batch of batches(200, 32)) tables.apply(await model.learn!(batch, []));
    const [test] = batches(1, 200);
    const scores = await model.predict(test, allItems(ITEMS));
    let ranks = 0;
    for (let b = 0; b < test.size; b++) ranks += rankOf(scores, b * ITEMS, ITEMS, test.items[b], undefined);
    // Chance: 19.5. Group alone: 3.5.
    expect(ranks / test.size).toBeLessThan(5);
  });
});

describe('bpr', () => {
  it('never draws what the user has met', async () => {
    const { model } = await start(bpr({ dim: 4, negatives: 32 }));
    const met = Array.from({ length: 20 }, (_, i) => i);
    const { rowGradients } = await model.learn!(batchOf([[0, 20, met]]), []);
    const items = rowGradients.find(({ table }) => table === 'bpr/item')!.rows;
    expect(items).toHaveLength(33);
    expect([...items.subarray(1)].every((item) => item > 20)).toBe(true);
  });

  it('learns nothing from a user who has met everything', async () => {
    const { model } = await start(bpr({ dim: 4, negatives: 1, regularisation: 0, initialStd: 1 }));
    const { rowGradients } = await model.learn!(batchOf([[0, 7, [...allItems(ITEMS).items]]]), []);
    const [, { rows, values }] = rowGradients;
    expect([...rows]).toEqual([7, 7]);
    for (let d = 0; d < 4; d++) expect(values[d] + values[4 + d]).toBe(0);
  });

  it('gives the same scores for shared and ragged candidates', async () => {
    const { model } = await start(bpr({ initialStd: 0.5 }));
    const items = Int32Array.of(7, 30, 3);
    const shared = (await model.predict(BATCH, { kind: 'shared', items })).slice();
    const offsets = Int32Array.of(0, 3, 6, 9);
    const ragged = await model.predict(BATCH, {
      kind: 'ragged',
      offsets,
      items: Int32Array.from({ length: 9 }, (_, i) => items[i % 3]),
    });
    for (let i = 0; i < 9; i++) expect(ragged[i]).toBeCloseTo(shared[i], 5);
  });

  it('ends with a word where summed steps of plain gradients overflow', async () => {
    const use = bpr({ optimiser: 'sgd', learningRate: 0.1, negatives: 4, regularisation: 2 });
    const { model, tables } = await start(use);
    // λ is summed over the samples of a step: 24 of one user at .1 overshoot zero by more than they came from.
    const batch = batchOf(Array.from({ length: 6 }, (_, i) => [0, i, []] as const));
    const stream = async (): Promise<void> => {
      for (let step = 0; step < 100; step++) {
        tables.apply(await model.learn!(batch, []));
        const scores = await model.predict(batch, allItems(ITEMS));
        expect(scores.every((score) => !Number.isNaN(score))).toBe(true);
      }
    };
    await expect(stream()).rejects.toMatchObject({ code: 'TANDEM_NOT_FINITE' });
  });

  it('a dry run reports the losses of the step and changes nothing', async () => {
    const { model } = await start(bpr());
    const dry = await model.learn!(BATCH, [], { dryRun: true });
    expect(dry.rowGradients).toEqual([]);
    expect((await model.learn!(BATCH, [])).losses).toEqual(dry.losses);
  });
});
