import { SeededRng } from '@tandem-rec/compute';
import type { Bridge, BridgeParticipant, BridgeTable } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { RowWishes } from './row-wishes.ts';

const OPTIONS = { everyBatches: 2, minCount: 3, minItems: 4, ridge: 1e-4 };
const DIM = 2;

/** Items of two text features, whose rows follow from them: (a + 2b, 1 − a). */
function world(size: number) {
  const rng = new SeededRng(1, 'world');
  const texts = Array.from({ length: 40 }, () => [rng.normal(), rng.normal()]);
  const truth = (row: number): number[] => [texts[row][0] + 2 * texts[row][1], 1 - texts[row][0]];
  const rows = Float32Array.from({ length: 40 * DIM }, (_, i) => truth(Math.floor(i / DIM))[i % DIM]);
  const catalogue = { size, item: () => ({ id: 'i', text: { title: 'x' }, categories: [] }) };
  const statistics = { itemCounts: new Float32Array(40) };
  const table = {
    dim: DIM,
    gather: (wanted: Int32Array, into: Float32Array) =>
      wanted.forEach((row, k) => into.set(rows.subarray(row * DIM, (row + 1) * DIM), k * DIM)),
  } as unknown as BridgeTable;
  const writer = {
    name: 'words',
    role: 'language',
    represent: async (_: unknown, wanted: Int32Array) => ({
      rows: wanted.length,
      cols: 2,
      data: Float32Array.from([...wanted].flatMap((row) => texts[row])),
    }),
  } as unknown as BridgeParticipant;
  return { rows, truth, catalogue, statistics, table, writer, bridge: { catalogue, statistics } as unknown as Bridge };
}
const near = (wish: Float32Array, expected: readonly number[]): void =>
  expected.forEach((value, d) => expect(wish[d]).toBeCloseTo(value, 2));

describe('RowWishes', () => {
  it('are learned from items met often, once there are enough of them, when a fit is due', async () => {
    const { statistics, table, writer, bridge, truth } = world(20);
    const wishes = new RowWishes(OPTIONS);
    statistics.itemCounts.fill(3, 0, 3);
    expect(await wishes.update(table, writer, bridge)).toBe(false);
    statistics.itemCounts.fill(9, 0, 8);
    expect([await wishes.update(table, writer, bridge), wishes.known], 'not due').toEqual([false, 0]);
    expect([await wishes.update(table, writer, bridge), wishes.known]).toEqual([true, 20]);
    for (let row = 0; row < 20; row++) near(wishes.of(row), truth(row));
  });

  it('believe a row the more the more often its item was met', async () => {
    const { statistics, table, writer, bridge, rows, truth } = world(20);
    statistics.itemCounts.fill(3, 0, 10).fill(50, 10, 20);
    for (let row = 0; row < 10; row++) rows[row * DIM] += 1;
    const wishes = new RowWishes(OPTIONS);
    await wishes.update(table, writer, bridge);
    // Half of the rows say one more: weights 0.06 and 1.
    const mean = Array.from({ length: 20 }, (_, row) => wishes.of(row)[0] - truth(row)[0]).reduce((a, b) => a + b) / 20;
    expect(mean).toBeGreaterThan(0);
    expect(mean).toBeLessThan(0.15);
  });

  it('know items that came later by the map that there is, and go on where they were saved', async () => {
    const { statistics, table, writer, bridge, catalogue, truth } = world(20);
    const wishes = new RowWishes(OPTIONS);
    expect(await wishes.arrive(table, writer, bridge), 'no map yet').toHaveLength(0);
    statistics.itemCounts.fill(9, 0, 8);
    await wishes.update(table, writer, bridge);
    const saved = structuredClone(wishes.save());
    catalogue.size = 23;
    const loaded = new RowWishes(OPTIONS);
    loaded.load(saved);
    for (const one of [wishes, loaded]) {
      expect([...(await one.arrive(table, writer, bridge))]).toEqual([20, 21, 22]);
      for (let row = 0; row < 23; row++) near(one.of(row), truth(row));
      expect(await one.arrive(table, writer, bridge)).toHaveLength(0);
      expect([await one.update(table, writer, bridge), await one.update(table, writer, bridge)]).toEqual([false, true]);
    }
  });
});
