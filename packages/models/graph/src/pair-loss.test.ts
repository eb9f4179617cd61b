import { Arena, SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';
import { batchOf } from './graph-options.ts';
import { lossSchema, type SampledSoftmax } from './loss-options.ts';
import { PairLoss } from './pair-loss.ts';

const DIM = 4;
const NODES = 40;

describe.each(['dot', 'cosine'] as const)('a sampled softmax over %s', (similarity) => {
  const options = lossSchema.parse({ kind: 'sampled-softmax', negatives: 8, similarity, temperature: 0.5 });
  const loss = options as SampledSoftmax;

  /** 600 pairs: those from 512 on have a sample of their own. */
  function step() {
    const arena = new Arena();
    const rng = new SeededRng(4);
    const F = arena.float32(NODES * DIM);
    for (let i = 0; i < F.length; i++) F[i] = rng.normal();
    const pairs = new PairLoss(arena, loss, DIM, 600);
    for (const { rows } of [pairs.users, pairs.items, pairs.negatives])
      for (let k = 0; k < rows.length; k++) rows[k] = rng.int(NODES);
    for (let j = 0; j < pairs.shifts.length; j++) pairs.shifts[j] = rng.normal();
    const dF = arena.float32(F.length);
    return { F, pairs, dF, mean: pairs.descend(F, 600, 1, dF) };
  }

  function similar(F: ArrayLike<number>, a: number, b: number): number {
    let [product, ofA, ofB] = [0, 0, 0];
    for (let d = 0; d < DIM; d++) {
      product += F[a * DIM + d] * F[b * DIM + d];
      ofA += F[a * DIM + d] ** 2;
      ofB += F[b * DIM + d] ** 2;
    }
    return (similarity === 'cosine' ? product / Math.sqrt(ofA * ofB) : product) / loss.temperature;
  }

  /** The sum of the losses in double precision. */
  function reference(F: ArrayLike<number>, { users, items, negatives, shifts }: PairLoss): number {
    let sum = 0;
    for (let b = 0; b < 600; b++) {
      const first = b < 512 ? 0 : 8;
      const own = similar(F, users.rows[b], items.rows[b]);
      let total = Math.exp(own);
      for (let j = first; j < first + 8; j++)
        if (negatives.rows[j] !== items.rows[b])
          total += Math.exp(similar(F, users.rows[b], negatives.rows[j]) + shifts[j]);
      sum += Math.log(total) - own;
    }
    return sum;
  }

  it('lets every 512 pairs compete with a sample of their own', () => {
    const { F, pairs, mean } = step();
    expect(pairs.negatives.rows.length).toBe(16);
    expect(mean).toBeCloseTo(reference(F, pairs) / 600, 4);
  });

  it('has the gradient of that', () => {
    const { F, pairs, dF } = step();
    for (let i = 0; i < F.length; i += 7) {
      const moved = (by: number) =>
        reference(
          Float64Array.from(F, (value, at) => (at === i ? value + by : value)),
          pairs,
        );
      expect(dF[i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 2);
    }
  });
});

it('takes steps of a batch that grows with the graph, unless told of one', () => {
  const sizes = [10, 50_000, 10_000_000].map((edges) => batchOf({}, edges));
  expect(sizes).toEqual([10, 2048, 156_250]);
  expect(batchOf({ batch: 8192 }, 10_000_000)).toBe(8192);
});
