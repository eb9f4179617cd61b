import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import {
  activateBackReference,
  activateReference,
  joinMessagesBackReference,
  joinMessagesReference,
} from './message-layer-reference.ts';
import { activate, activateBack, joinMessages, joinMessagesBack } from './message-layer.ts';
import { SeededRng } from './seeded-rng.ts';

function expectClose(actual: Float32Array, expected: Float32Array, what: string, tolerance = 1e-5): void {
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i] - expected[i]) <= tolerance * (1 + Math.abs(expected[i]))))
      expect.fail(`${what}[${i}] is ${actual[i]}, not ${expected[i]}`);
}

describe.each(KERNEL_NAMES)('a message layer on %s', (kernel) => {
  const arena = new Arena({ kernel, threads: 2 });
  const normals = (rng: SeededRng, length: number): Float32Array => {
    const array = arena.float32(length);
    for (let i = 0; i < length; i++) array[i] = rng.normal();
    return array;
  };
  const rows = fc.integer({ min: 1, max: 1100 });
  const dims = fc.constantFrom(4, 12, 64);

  it('joins messages, and goes back', () => {
    fc.assert(
      fc.property(rows, dims, fc.integer({ min: 0, max: 3 }), fc.nat(), (count, dim, extra, seed) =>
        arena.scoped(() => {
          const rng = new SeededRng(seed);
          const stride = dim * (1 + extra);
          const messages = {
            E: normals(rng, count * dim),
            P: normals(rng, count * stride),
            stride,
            at: extra * dim,
            dim,
          };
          const Z = arena.float32(2 * count * dim);
          joinMessages(arena, count, messages, Z);
          const expected = new Float32Array(Z.length);
          joinMessagesReference(count, messages, expected);
          expectClose(Z, expected, 'Z');

          const dZ = normals(rng, Z.length);
          const gradients = [arena.float32(count * dim), arena.float32(count * dim)] as const;
          joinMessagesBack(arena, count, messages, dZ, ...gradients);
          const references = [new Float32Array(count * dim), new Float32Array(count * dim)] as const;
          joinMessagesBackReference(count, messages, dZ, ...references);
          expectClose(gradients[0], references[0], 'dE');
          expectClose(gradients[1], references[1], 'dP');
        }),
      ),
      { numRuns: 12 },
    );
  });

  it('activates, drops and scales, and goes back', () => {
    const dropouts = fc.constantFrom(0, 0.1, 0.7);
    const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const slopes = fc.constantFrom(0.2, 1);
    fc.assert(
      fc.property(rows, dims, dropouts, seeds, slopes, fc.boolean(), (count, dim, dropout, seed, slope, unit) =>
        arena.scoped(() => {
          const rng = new SeededRng(seed);
          const [stride, at] = [3 * dim, dim];
          const Y = normals(rng, count * dim);
          const F = arena.float32(count * stride);
          const rest = { dim, slope, dropout, seed, unit, stride, at };
          const reference = { Y: Y.slice(), F: F.slice() };
          activate(arena, count, { Y, ...rest }, F);
          activateReference(count, { Y: reference.Y, ...rest }, reference.F);
          expectClose(Y, reference.Y, 'Y');
          expectClose(F, reference.F, 'F');

          const [dF, G] = [normals(rng, F.length), normals(rng, Y.length)];
          const expected = G.slice();
          activateBack(arena, count, { Y, ...rest }, dF, G);
          activateBackReference(count, { Y, ...rest }, dF, expected);
          // Rows that were dropped but for one element have gradients that cancel.
          expectClose(G, expected, 'G', 1e-3);
        }),
      ),
      { numRuns: 20 },
    );
  });

  it('drops the share that it is told, other elements with another seed', () => {
    arena.scoped(() => {
      const drop = (seed: number): Float32Array => {
        const Y = arena.float32(64_000).fill(1) as Float32Array;
        const F = arena.float32(64_000);
        activate(arena, 1000, { Y, dim: 64, slope: 0.2, dropout: 0.3, seed, unit: false, stride: 64, at: 0 }, F);
        return F;
      };
      const [one, other] = [drop(1), drop(4_000_000_000)];
      const share = (fits: (i: number) => boolean): number => one.filter((_, i) => fits(i)).length / one.length;
      expect(share((i) => one[i] === 0)).toBeCloseTo(0.3, 2);
      expect(share((i) => one[i] === 0 && other[i] === 0)).toBeCloseTo(0.09, 2);
      expect(one.find((value) => value > 0)).toBeCloseTo(1 / 0.7, 6);
    });
  });
});
