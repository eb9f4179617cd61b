import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InnerProducts } from './inner-products.ts';
import { SeededRng } from './seeded-rng.ts';

describe('InnerProducts', () => {
  it('are what they are called, times a scale, plus biases', () => {
    // One for all: memory is used again, and what is left in it must not matter.
    const products = new InnerProducts();
    const size = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        fc.nat(),
        (users, count, dim, biased, seed) => {
          const rng = new SeededRng(seed);
          // Small whole numbers and a scale that is a power of two: nothing is rounded.
          const rows = (length: number) => Float32Array.from({ length }, () => rng.int(5) - 2);
          const [W, H, b] = [rows(users * dim + 3), rows(count * dim), rows(count)];
          const items = { count, dim, read: (into: Float32Array) => into.set(H) };
          const scores = products.score(
            W,
            users,
            biased ? { ...items, readBiases: (into) => into.set(b) } : items,
            0.5,
          );
          expect(scores).toHaveLength(users * count);
          for (let u = 0; u < users; u++)
            for (let i = 0; i < count; i++) {
              let sum = 0;
              for (let d = 0; d < dim; d++) sum += W[u * dim + d] * H[i * dim + d];
              expect(scores[u * count + i]).toBe(0.5 * sum + (biased ? b[i] : 0));
            }
        },
      ),
      { numRuns: 60 },
    );
  });
});
