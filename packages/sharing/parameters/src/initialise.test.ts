import { describe, expect, it } from 'vitest';
import { DIM, FEATURES, Stage, vectorOf } from '../test/stage.ts';
import { initialise } from './initialise.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value ** 2)));
const column = (rows: readonly (readonly number[])[], d: number): number[] => rows.map((row) => row[d]);
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, d) => value - b[d]));

/** How well the rows' distances follow the texts' distances: Pearson's correlation over all pairs. */
function likeness(rows: readonly (readonly number[])[]): number {
  const pairs = rows.flatMap((a, i) =>
    rows.slice(0, i).map((b, j) => [distance(a, b), distance(vectorOf(i), vectorOf(j))]),
  );
  const [mx, my] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))];
  const [cov, vx, vy] = pairs.reduce(
    ([c, p, q], [x, y]) => [c + (x - mx) * (y - my), p + (x - mx) ** 2, q + (y - my) ** 2],
    [0, 0, 0],
  );
  return cov / Math.sqrt(vx * vy);
}

describe('initialise by components', () => {
  it('bears all items at whitened, uncorrelated coordinates of their texts, as large as their table would', async () => {
    const stage = await Stage.open(initialise({ minItems: 40 }));
    await stage.arrive(40);
    const rows = stage.rows(40);
    // The texts have three directions: the fourth coordinate stays as it was born, of deviation 0.1. Forty texts tell the
    // weakest one only roughly: it is whitened less.
    for (const d of [0, 1, 2]) {
      expect(mean(column(rows, d))).toBeCloseTo(0, 5);
      expect(deviation(column(rows, d))).toBeGreaterThan(0.06);
      expect(deviation(column(rows, d))).toBeLessThan(0.12);
      expect(deviation(column(rows, d))).toBeCloseTo(deviation(column(rows, 0)), 1);
      for (const e of [0, 1, 2]) if (e < d) expect(mean(rows.map((row) => row[d] * row[e]))).toBeCloseTo(0, 5);
    }
    expect(deviation(column(rows, 3))).toBeGreaterThan(0.05);
  });

  it('keeps what texts have in common, which permuted texts do not', async () => {
    const honest = await Stage.open(initialise({ minItems: 40, whiten: 0, scale: 1 }));
    const permuted = await Stage.open(initialise({ minItems: 40, whiten: 0, scale: 1 }), (row) =>
      vectorOf((row * 7 + 3) % 40),
    );
    await honest.arrive(40);
    await permuted.arrive(40);
    const own = (stage: Stage) => stage.rows(40).map((row) => row.slice(0, 3));
    expect(likeness(own(honest))).toBeGreaterThan(0.999);
    expect(Math.abs(likeness(own(permuted)))).toBeLessThan(0.2);
  });

  it('waits for texts enough, and then bears all that nobody has learned of', async () => {
    const stage = await Stage.open(initialise({ minItems: 40 }));
    await stage.arrive(30);
    const born = stage.rows(30);
    await stage.live([['u', 'i3']]);
    await stage.arrive(10);
    stage.rows(30).forEach((row, item) => expect(row[0] === born[item][0]).toBe(item === 3));
  });

  it('places items that come later by the same map, and leaves those without text and all others alone', async () => {
    const [stage, whole] = [
      await Stage.open(initialise({ minItems: 40 })),
      await Stage.open(initialise({ minItems: 40 })),
    ];
    await stage.arrive(40);
    await stage.live([['u', 'i3']]);
    const before = stage.rows(40);
    await stage.arrive(3, [41]);
    expect(stage.rows(40)).toEqual(before);
    // 0.1 is the deviation of the table's births: an item without text has all its coordinates from there.
    await whole.arrive(40);
    await whole.arrive(3, [40, 42]);
    expect(stage.row(40)).not.toEqual(whole.row(40));
    expect(stage.row(41)).not.toEqual(whole.row(41));
    const twin = await Stage.open(initialise({ minItems: 40 }), (row) => vectorOf(row === 40 ? 7 : row));
    await twin.arrive(41);
    expect(twin.row(40).slice(0, 3)).toEqual(twin.row(7).slice(0, 3));
  });

  it('finds NaN before anybody learns', async () => {
    const stage = await Stage.open(initialise({ minItems: 4 }), () => new Array<number>(FEATURES).fill(NaN));
    await expect(stage.arrive(5)).rejects.toMatchObject({ code: 'TANDEM_VECTORS_INVALID' });
  });
});

describe('initialise by null-space', () => {
  it('keeps the texts’ part of a row whatever is learned of the rest', async () => {
    const stage = await Stage.open(initialise({ by: 'null-space', minItems: 39, frozenShare: 0.5 }));
    await stage.arrive(40, [2]);
    const before = stage.rows(40);
    await stage.live([['u', 'i3']]);
    stage.step([2, 3, 5, 3], 0.25);
    const after = stage.rows(40);
    const moved = (item: number): number[] =>
      after[item].map((value, d) => Math.round(1000 * (value - before[item][d])));
    expect(moved(3)).toEqual([0, 0, 500, 500]);
    expect(moved(5)).toEqual([0, 0, 250, 250]);
    expect(moved(2), 'an item without text learns all of its row').toEqual(new Array(DIM).fill(250));
    expect(moved(4)).toEqual([0, 0, 0, 0]);
  });

  it('keeps it also where an optimiser moves idle rows', async () => {
    const stage = await Stage.open(initialise({ by: 'null-space', minItems: 40, frozenShare: 0.5 }));
    await stage.arrive(40);
    const [text] = stage.row(9);
    stage.assign(9, [1, 1, 1, 1]);
    stage.step([3]);
    expect(stage.row(9)[0]).toBe(text);
    expect(stage.row(9)[3]).toBe(1);
  });

  it('goes on so after a restart', async () => {
    const use = initialise({ by: 'null-space', minItems: 40, frozenShare: 0.25 });
    const [stage, restarted] = [await Stage.open(use), await Stage.open(use)];
    await stage.arrive(40);
    const state = structuredClone(await stage.strategy.save());
    await restarted.strategy.load(state);
    restarted.world.addItems(
      Array.from({ length: 40 }, (_, k) => ({ id: `i${k}`, text: { title: 't' }, categories: [] })),
    );
    restarted.step([6], 0.5);
    expect(restarted.row(6)[0]).toBe(stage.row(6)[0]);
    expect(restarted.row(6)[1]).not.toBeCloseTo(stage.row(6)[1], 3);
  });
});

describe('initialise by regression', () => {
  it('bears items that nobody met where the rows of others say, again after each fit', async () => {
    const regression = { minItems: 8, minCount: 1, everyBatches: 1, ridge: 1e-5 };
    const stage = await Stage.open(initialise({ by: 'regression', regression }));
    await stage.arrive(13);
    const truth = (item: number, shift: number): readonly number[] =>
      vectorOf(item)
        .slice(0, DIM)
        .map((x) => x + shift);
    const near = (item: number, shift: number): void =>
      truth(item, shift).forEach((value, d) => expect(stage.row(item)[d]).toBeCloseTo(value, 2));
    await stage.live(Array.from({ length: 12 }, (_, k) => ['u', `i${k}`] as const));
    for (const shift of [0, 3]) {
      for (let item = 0; item < 12; item++) stage.assign(item, truth(item, shift));
      await stage.live([['v', 'i0']]);
      near(12, shift);
      near(4, shift);
    }
    await stage.arrive(1);
    near(13, 3);
  });
});
