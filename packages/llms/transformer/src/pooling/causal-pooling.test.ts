import { openTensorBackend, SeededRng } from '@tandem-rec/compute';
import type { NamedArray } from '@tandem-rec/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { CausalPooling, type CausalOptions } from './causal-pooling.ts';
import type { NamedPasts } from './pooling.ts';

const DIM = 8;
const ITEMS = 20;
const WINDOW = 6;

const options: CausalOptions = {
  dim: DIM,
  window: WINDOW,
  layers: 2,
  heads: 2,
  dropout: 0,
  learningRate: 0.01,
  weightDecay: 0,
};

const rng = new SeededRng(4);
const vectors = Float32Array.from({ length: ITEMS * DIM }, () => rng.normal());

/** Pasts given oldest first, kept newest first. */
function pastsOf(pasts: readonly (readonly number[])[], runs: readonly number[]): NamedPasts {
  const offsets = Int32Array.from([0, ...pasts.map((_, b) => pasts.slice(0, b + 1).flat().length)]);
  return {
    size: pasts.length,
    offsets,
    items: Int32Array.from(pasts.flatMap((past) => past.toReversed())),
    runs: Int32Array.from(runs),
    vectors,
    users: new Int32Array(pasts.length),
    rows: Int32Array.from({ length: ITEMS }, (_, row) => row),
  };
}

const alone = (pasts: readonly (readonly number[])[]): NamedPasts =>
  pastsOf(
    pasts,
    Array.from({ length: pasts.length + 1 }, (_, b) => b),
  );

/** The pasts of one life, from `from` items on, each cut to the window. */
const life = (items: readonly number[], from: number): number[][] =>
  Array.from({ length: items.length - from + 1 }, (_, k) => items.slice(Math.max(0, from + k - WINDOW), from + k));

/** A pooling that has learned a little, so that nothing is zero or one any more. */
function trained(more: Partial<CausalOptions> = {}): CausalPooling {
  const pooling = new CausalPooling({ ...options, ...more }, new SeededRng(1));
  const pasts = alone([[1, 2, 3], [4], []]);
  for (let step = 0; step < 5; step++) {
    const gradient = (states: Float32Array): Float32Array => states.map((_, i) => Math.sin(i + step));
    pooling.train(pasts, gradient, new Float32Array(vectors.length), { rate: 1, seed: step });
  }
  return pooling;
}

const closeTo = (found: Float32Array, expected: ArrayLike<number>): void => {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => expect(value, `[${i}]`).toBeCloseTo(expected[i], 4));
};

describe('CausalPooling', () => {
  beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

  it('is the transformer of its paper, as written down plainly', () => {
    const pooling = trained();
    const weights = Object.fromEntries(pooling.save().map((array) => [array.name.replace('pooling/', ''), array]));
    const pasts = [[3, 1, 4, 1, 5], [9], [], [2, 6, 5, 3]];
    closeTo(
      pooling.states(alone(pasts)),
      pasts.flatMap((past) => plainState(past, weights)),
    );
  });

  it('reads the pasts of a life at once as it reads them one by one', () => {
    const pooling = trained();
    const pasts = [...life([3, 1, 4, 1, 5, 9], 0), ...life([2, 6, 5], 1), ...life([7], 0), [8, 8]];
    const runs = [0, 7, 10, 12, 13];
    closeTo(pooling.states(pastsOf(pasts, runs)), pooling.states(alone(pasts)));
  });

  it('reads a life longer than the window in pieces, each with half a window in front', () => {
    const pooling = trained();
    const items = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5];
    const pasts = life(items, 0);
    // Pasts 0 to 6 are one sequence of six; 7 to 10 one that begins with the newest three items of past 7; 11 is left alone.
    const read = pasts.map((past, t) => (t <= 6 || t === 11 ? past : items.slice(4, t)));
    closeTo(pooling.states(pastsOf(pasts, [0, pasts.length])), pooling.states(alone(read)));
  });

  it('learns the same from a life at once as from its pasts one by one', () => {
    const pasts = life([3, 1, 4, 1, 5], 0);
    const learned = [pastsOf(pasts, [0, pasts.length]), alone(pasts)].map((given) => {
      const pooling = trained();
      const dVectors = new Float32Array(vectors.length);
      pooling.train(given, (states) => states.map((value, i) => value + Math.cos(i)), dVectors, { rate: 1, seed: 1 });
      return { dVectors, states: pooling.states(alone(pasts)) };
    });
    closeTo(learned[0].dVectors, learned[1].dVectors);
    closeTo(learned[0].states, learned[1].states);
  });

  it('drops by its seed while it learns, and nothing when it is asked', () => {
    const pooling = trained({ dropout: 0.5 });
    const pasts = alone([[3, 1, 4]]);
    const seen = (seed: number): Float32Array => {
      let states = new Float32Array(0);
      const look = (given: Float32Array): Float32Array => ((states = given.slice()), new Float32Array(given.length));
      pooling.train(pasts, look, new Float32Array(vectors.length), { rate: 0, seed });
      return states;
    };
    expect(seen(1)).toEqual(seen(1));
    expect(seen(1)).not.toEqual(seen(2));
    expect(pooling.states(pasts)).toEqual(pooling.states(pasts));
    expect(pooling.states(pasts)).not.toEqual(seen(1));
  });
});

/** One state, number by number. */
function plainState(past: readonly number[], weights: Readonly<Record<string, NamedArray>>): number[] {
  const of = (name: string): number[] => [...(weights[name].data as Float32Array)];
  const h0 = of('h0');
  if (past.length === 0) return h0;
  const times = (x: readonly number[], name: string, width: number): number[] =>
    Array.from({ length: width }, (_, j) => x.reduce((sum, value, i) => sum + value * of(name)[i * width + j], 0));
  const norm = (x: readonly number[], name: string): number[] => {
    const mean = x.reduce((a, b) => a + b) / x.length;
    const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length + 1e-5);
    return x.map((value, d) => ((value - mean) / deviation) * of(`${name}/scale`)[d] + of(`${name}/shift`)[d]);
  };
  const plus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, d) => value + b[d]);
  const P = of('positions');
  let x = past.map((item, t) => Array.from({ length: DIM }, (_, d) => vectors[item * DIM + d] + P[t * DIM + d]));
  for (let l = 0; l < 2; l++) {
    const n = x.map((row) => norm(row, `${l}/attention`));
    const [q, k, v] = ['query', 'key', 'value'].map((part) => n.map((row) => times(row, `${l}/${part}`, DIM)));
    const mixed = x.map((_, t) =>
      [0, 4].flatMap((from) => {
        const dot = (a: readonly number[], b: readonly number[]): number =>
          a.slice(from, from + 4).reduce((sum, value, d) => sum + value * b[from + d], 0);
        const shares = k.slice(0, t + 1).map((key) => Math.exp(dot(q[t], key) / 2));
        const whole = shares.reduce((a, b) => a + b);
        return [0, 1, 2, 3].map((d) => shares.reduce((sum, share, s) => sum + (share / whole) * v[s][from + d], 0));
      }),
    );
    const s = x.map((row, t) => plus(row, times(mixed[t], `${l}/output`, DIM)));
    x = s.map((row) => {
      const up = plus(times(norm(row, `${l}/feed`), `${l}/up`, 2 * DIM), of(`${l}/up/bias`));
      return plus(
        row,
        times(
          up.map((value) => Math.max(value, 0)),
          `${l}/down`,
          DIM,
        ),
      );
    });
  }
  return plus(norm(x[x.length - 1], 'state'), h0);
}
