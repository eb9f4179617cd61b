import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { crossEntropyRows, poolHistories, poolHistoriesBackward, type Pooling } from './history-steps.ts';
import { crossEntropyReference, poolBackwardReference, poolReference } from './history-steps-reference.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { SeededRng } from './seeded-rng.ts';

const ROWS = 11;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i] - expected[i]) < 1e-4 * (1 + Math.abs(expected[i]))))
      expect.fail(`${what}[${i}] is ${actual[i]}, not ${expected[i]}`);
}

/** Histories over few rows, so that some name a row twice, some of them empty. */
function draw(arena: Arena, batch: number, dim: number, heads: number, positions: number, rng: SeededRng): Pooling {
  const normal = (length: number) => fill(arena.float32(length), () => rng.normal());
  const offsets = arena.int32(batch + 1);
  for (let b = 0; b < batch; b++) offsets[b + 1] = offsets[b] + rng.int(positions + 1);
  const exps = fill(arena.float32(heads * positions), () => Math.exp(rng.normal()));
  const inverses = arena.float32(exps.length);
  for (let i = 0, sum = 0; i < exps.length; i++) {
    sum = (i % positions === 0 ? 0 : sum) + exps[i];
    inverses[i] = 1 / sum;
  }
  const rows = fill(arena.int32(offsets[batch]), () => rng.int(ROWS));
  return {
    batch,
    dim,
    heads,
    positions,
    offsets,
    rows,
    exps,
    inverses,
    E: normal(ROWS * dim),
    c: normal(batch * heads * dim),
  };
}

function fill<T extends Float32Array | Int32Array>(array: T, value: () => number): T {
  for (let i = 0; i < array.length; i++) array[i] = value();
  return array;
}

describe.each(KERNEL_NAMES)('steps over histories on %s', (kernel) => {
  const arena = new Arena({ kernel });

  it('pools, and has the gradients of pools', () => {
    const sizes = [[0, 9], [1, 21], [1, 4], [1, 12]].map(([min, max]) => fc.integer({ min, max })); // prettier-ignore
    fc.assert(
      fc.property(fc.tuple(...sizes), fc.nat(), ([batch, dim, heads, positions], seed) =>
        arena.scoped(() => {
          const rng = new SeededRng(seed);
          const pooling = draw(arena, batch, dim, heads, positions, rng);
          const reference = { ...pooling, c: pooling.c.slice() };
          poolHistories(arena, pooling);
          poolReference(reference);
          expectClose(pooling.c, reference.c, 'c');

          const [dc, dE, dw] = [pooling.c, pooling.E, pooling.exps].map(({ length }) =>
            fill(arena.float32(length), () => rng.normal()),
          );
          const [expectedE, expectedW] = [dE.slice(), dw.slice()];
          poolBackwardReference(reference, dc, expectedE, expectedW);
          poolHistoriesBackward(arena, pooling, dc, dE, dw);
          expectClose(dE, expectedE, 'dE');
          expectClose(dw, expectedW, 'dw');
        }),
      ),
      { numRuns: 40 },
    );
  });

  it('has the loss of a softmax and its gradient, without those that do not compete', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (rows, n, seed) =>
        arena.scoped(() => {
          const rng = new SeededRng(seed);
          const stride = 4 * Math.ceil(n / 4);
          const targets = fill(arena.int32(rows), () => rng.int(n));
          const z = fill(arena.float32(rows * stride), () => 9 * rng.normal());
          for (let i = 0; i < z.length; i++)
            if (i % stride !== targets[Math.floor(i / stride)] && rng.int(4) === 0) z[i] = -Infinity;
          const shifts = fill(arena.float32(stride), () => rng.normal()).fill(-Infinity, n);
          for (let i = 0; i < z.length; i++) if (i % stride >= n) z[i] = rng.normal();
          const slopes = fill(arena.float32(stride), () => rng.normal());
          const step = { rows, stride, z, shifts, targets, slopes, about: arena.float32(2 * rows) };
          const reference = { ...step, z: z.slice(), slopes: slopes.slice() };
          const loss = crossEntropyRows(arena, step);
          expectClose([loss], [crossEntropyReference(reference)], 'loss');
          expectClose(z, reference.z, 'z');
          expectClose(slopes, reference.slopes, 'slopes');
        }),
      ),
      { numRuns: 40 },
    );
  });
});
