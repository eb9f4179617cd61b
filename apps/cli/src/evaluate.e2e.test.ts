import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder, requireOrSkip } from '@tandem-rec/testing';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test/run-command.ts';
import { runTandem } from '../test/tandem-process.ts';

const data = requireOrSkip('data', 'ml-100k');

interface Slice {
  readonly label: string;
  readonly count: number;
  readonly 'ndcg@10': number | null;
  readonly 'recall@10': number | null;
}

interface Row {
  readonly name: string;
  readonly side: string;
  readonly 'ndcg@10': number;
  readonly 'recall@10': number;
  readonly interval: readonly [number, number];
  readonly uauc: number;
  readonly users: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
  readonly slices: { readonly byItemPopularity: readonly Slice[]; readonly byUserHistory: readonly Slice[] };
}

/** Runs a command on a configuration; answers its JSON and what people saw. */
async function run(command: string, config: string, ...more: readonly string[]) {
  const folder = temporaryFolder();
  const file = join(folder, 'tandem.config.yaml');
  writeFileSync(file, config);
  const env = { TANDEM_CACHE: join(folder, 'cache') };
  const { code, out, err } = await runTandem(folder, [command, file, '--json', '-', ...more], env);
  expect(code, err).toBe(0);
  return { json: JSON.parse(out) as unknown, seen: err };
}

describe.skipIf(!data.available)('tandem evaluate on MovieLens 100K', () => {
  it('reaches what other libraries reach there', async () => {
    const { json, seen } = await run(
      'evaluate',
      `
dataset: { use: movielens100k, options: { folder: ${JSON.stringify(dataFolder('ml-100k'))} } }
evaluation: { split: { by: leave-one-out, minInteractions: 3 }, minValue: 4, epochs: 40, patience: 3, validateEvery: 2 }
domain: [{ use: bpr, options: { fit: { learningRate: 0.05 } } }, { use: popularity, options: { halfLife: 1.0e+12 } }]
`,
      '--slices',
    );
    const { split, results } = json as { readonly split: string; readonly results: readonly Row[] };
    expect(split).toBe('leave-one-out');
    expect(results.map(({ name, side }) => [name, side])).toEqual([
      ['bpr', 'domain'],
      ['popularity', 'domain'],
    ]);
    for (const row of results) {
      const [low, high] = row.interval;
      expect(low).toBeLessThan(row['ndcg@10']);
      expect(high).toBeGreaterThan(row['ndcg@10']);
      expect(row.users).toBe(942);
      expect(row['recall@10']).toBeGreaterThan(row['ndcg@10']);
      expect(row.uauc).toBeGreaterThan(0.75);
      expect(row.cpuSeconds).toBeGreaterThan(0);
      expect(row.rssMb).toBeGreaterThan(50);
      // One item for each user: both ways divide the same users.
      for (const slices of [row.slices.byItemPopularity, row.slices.byUserHistory]) {
        expect(slices.map(({ label }) => label)).toEqual(['0', '1-4', '5-19', '20-99', '100+']);
        const sum = (of: 'ndcg@10' | 'recall@10'): number =>
          slices.reduce((total, slice) => total + slice.count * (slice[of] ?? 0), 0) / row.users;
        expect(sum('ndcg@10')).toBeCloseTo(row['ndcg@10'], 10);
        expect(sum('recall@10')).toBeCloseTo(row['recall@10'], 10);
      }
    }
    const [bpr, popularity] = results;
    expect(bpr['ndcg@10']).toBeGreaterThanOrEqual(0.06);
    expect(popularity['ndcg@10']).toBeGreaterThan(0.039);
    expect(popularity['ndcg@10']).toBeLessThan(0.043);
    // What hardly anybody met is not popular.
    expect(popularity.slices.byItemPopularity[1]).toMatchObject({ 'ndcg@10': 0 });
    expect(seen).toMatch(/NDCG@10, by users who met the item .* 100\+\n/);
    expect(seen).toMatch(/NDCG@10, by items that the user met .* 100\+\n/);
  });
});
