import { SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';
import { TextPrior } from './text-prior.ts';

const ITEMS = 60;
const FEATURES = 5;
const WIDTH = 3;

function world(seed: number) {
  const rng = new SeededRng(seed, 'world');
  const draw = (length: number, scale = 1): Float32Array => Float32Array.from({ length }, () => scale * rng.normal());
  const vectors = {
    rows: ITEMS,
    cols: FEATURES,
    data: draw(ITEMS * FEATURES, 2).map((value, i) => value + (i % FEATURES)),
  };
  const rows = Int32Array.from({ length: ITEMS }, (_, row) => row).filter((row) => row % 3 !== 0);
  return {
    rng,
    vectors,
    rows,
    targets: draw(rows.length * WIDTH),
    weights: Float32Array.from(rows, () => 0.1 + rng.next()),
  };
}

/** (Xᵀ W X + λI)⁻¹ Xᵀ W Y by Gauss and Jordan in double precision, over standardised features and a constant; then X of all items. */
function direct({ vectors, rows, targets, weights }: ReturnType<typeof world>, ridge: number): number[] {
  const standard = Array.from({ length: FEATURES }, (_, f) => {
    const column = Array.from({ length: ITEMS }, (_, row) => vectors.data[row * FEATURES + f]);
    const mean = column.reduce((sum, value) => sum + value) / ITEMS;
    return { mean, deviation: Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ITEMS) };
  });
  const x = (row: number): number[] => [
    ...standard.map(({ mean, deviation }, f) => (vectors.data[row * FEATURES + f] - mean) / deviation),
    1,
  ];
  const size = FEATURES + 1;
  const system = Array.from({ length: size }, (_, f) =>
    Array.from({ length: size + WIDTH }, (_, g) => (f === g ? ridge : 0)),
  );
  rows.forEach((row, k) => {
    const features = x(row);
    for (let f = 0; f < size; f++) {
      for (let g = 0; g < size; g++) system[f][g] += weights[k] * features[f] * features[g];
      for (let d = 0; d < WIDTH; d++) system[f][size + d] += weights[k] * features[f] * targets[k * WIDTH + d];
    }
  });
  for (let pivot = 0; pivot < size; pivot++) {
    const scale = system[pivot][pivot];
    system[pivot] = system[pivot].map((value) => value / scale);
    for (let f = 0; f < size; f++) {
      if (f === pivot) continue;
      const factor = system[f][pivot];
      system[f] = system[f].map((value, g) => value - factor * system[pivot][g]);
    }
  }
  return Array.from({ length: ITEMS }, (_, row) => x(row)).flatMap((features) =>
    Array.from({ length: WIDTH }, (_, d) => features.reduce((sum, value, f) => sum + value * system[f][size + d], 0)),
  );
}

function fitted(made: ReturnType<typeof world>, ridge: number): TextPrior {
  const prior = new TextPrior(ridge);
  prior.fit(made.vectors, made.rows, made.targets, WIDTH, made.weights);
  return prior;
}

describe('TextPrior', () => {
  it.each([0.01, 1, 50])('is the direct solution of the weighted ridge regression, λ = %d', (ridge) => {
    for (const seed of [1, 2, 3]) {
      const made = world(seed);
      const wishes = fitted(made, ridge).project(made.vectors);
      direct(made, ridge).forEach((value, i) => expect(wishes[i]).toBeCloseTo(value, 4));
    }
  });

  it('finds a map that is there, for items it did not learn from', () => {
    const made = world(4);
    const map = Array.from({ length: FEATURES * WIDTH }, () => made.rng.normal());
    const truth = (row: number, d: number): number =>
      0.7 +
      Array.from({ length: FEATURES }, (_, f) => made.vectors.data[row * FEATURES + f] * map[f * WIDTH + d]).reduce(
        (sum, value) => sum + value,
      );
    const targets = Float32Array.from({ length: made.rows.length * WIDTH }, (_, i) =>
      truth(made.rows[Math.floor(i / WIDTH)], i % WIDTH),
    );
    const wishes = fitted({ ...made, targets }, 1e-4).project(made.vectors);
    for (let row = 0; row < ITEMS; row++)
      for (let d = 0; d < WIDTH; d++) expect(wishes[row * WIDTH + d]).toBeCloseTo(truth(row, d), 2);
  });

  it('is not led astray by a feature that never varies', () => {
    const made = world(5);
    const flat = { ...made.vectors, data: made.vectors.data.map((value, i) => (i % FEATURES === 2 ? 0.3 : value)) };
    const wishes = fitted({ ...made, vectors: flat }, 1).project(flat);
    expect(wishes.every((wish) => Math.abs(wish) < 10)).toBe(true);
  });

  it('comes back from its state', () => {
    const made = world(6);
    const prior = fitted(made, 1);
    const loaded = new TextPrior(1);
    expect(loaded.fitted).toBe(false);
    loaded.load(structuredClone(prior.save()));
    expect(loaded.fitted).toBe(true);
    expect(loaded.project(made.vectors)).toEqual(prior.project(made.vectors));
    expect(() => loaded.load({ version: 1, arrays: [], values: {} })).toThrow(
      expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH' }),
    );
  });
});
