import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { KERNEL_NAMES } from './kernel.ts';
import { SeededRng } from './seeded-rng.ts';
import { topKRows, type TopKRowsInput } from './top-k-rows.ts';
import { topKRowsReference } from './top-k-rows-reference.ts';

type World = Omit<TopKRowsInput, 'masked'> & Required<Pick<TopKRowsInput, 'masked'>>;

/** Rows of numbers that `draw` answers, and masks of a third of the items. */
function world(users: number, items: number, dim: number, k: number, rng: SeededRng, draw: () => number): World {
  const rows = (count: number) => Float32Array.from({ length: count * dim }, draw);
  const offsets = new Int32Array(users + 1);
  const masked: number[] = [];
  for (let user = 0; user < users; user++) {
    for (let i = 0; i < items / 3; i++) masked.push(rng.int(items));
    offsets[user + 1] = masked.length;
  }
  return { users: rows(users), items: rows(items), dim, k, masked: { offsets, items: Int32Array.from(masked) } };
}

function placed(arena: Arena, { users, items, bias, ...rest }: TopKRowsInput): TopKRowsInput {
  const place = (values: Float32Array): Float32Array => {
    const array = arena.float32(values.length);
    array.set(values);
    return array;
  };
  return { ...rest, users: place(users), items: place(items), ...(bias && { bias: place(bias) }) };
}

describe.each(KERNEL_NAMES)('topKRows on %s', (kernel) => {
  it('answers what its definition answers, ties and masks included, to the bit', () => {
    const size = fc.integer({ min: 0, max: 30 });
    fc.assert(
      fc.property(
        size,
        fc.oneof(size, fc.integer({ min: 250, max: 530 })),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        (users, items, dim, k, withBias, withMask, seed) => {
          const rng = new SeededRng(seed);
          // Small whole numbers: many scores are equal, and none is rounded, fused or not.
          const draw = () => rng.int(5) - 2;
          const all = world(users, items, dim, k, rng, draw);
          const input = {
            ...all,
            masked: withMask ? all.masked : undefined,
            bias: withBias ? Float32Array.from({ length: items }, draw) : undefined,
          };
          const arena = new Arena({ kernel });
          // Scratch that holds what is no number must not matter.
          arena.scoped(() => arena.float32(20_000).fill(NaN));
          const best = topKRows(arena, placed(arena, input));
          const expected = topKRowsReference(input);
          expect(best.items.slice()).toEqual(expected.items);
          expect(best.scores.slice()).toEqual(expected.scores);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is near its definition for any numbers, and to the bit where products are rounded', () => {
    const rng = new SeededRng(1);
    const input = world(37, 700, 64, 10, rng, () => rng.normal());
    const arena = new Arena({ kernel });
    const best = topKRows(arena, placed(arena, input));
    const expected = topKRowsReference(input);
    if (kernel === 'wasm-simd') expect(best.scores.slice()).toEqual(expected.scores);
    expect(best.items.slice()).toEqual(expected.items);
    for (const [i, score] of best.scores.entries()) expect(score).toBeCloseTo(expected.scores[i], 4);
  });

  it('leaves out NaN and -Infinity', () => {
    const arena = new Arena({ kernel });
    const input: TopKRowsInput = {
      users: Float32Array.of(1, NaN),
      items: Float32Array.of(NaN, -Infinity, 3, Infinity, -2),
      dim: 1,
      k: 4,
    };
    const { items } = topKRows(arena, placed(arena, input));
    expect([...items]).toEqual([3, 2, 4, -1, -1, -1, -1, -1]);
  });

  it.each([33, 64])(
    'gives a user the same bits on any number of threads and whoever else is asked for, %i wide',
    (dim) => {
      const rng = new SeededRng(2);
      const k = 7;
      const input = world(50, 300, dim, k, rng, () => rng.normal());
      const [one, three] = [1, 3].map((threads) => {
        const arena = new Arena({ kernel, threads });
        const best = topKRows(arena, placed(arena, input));
        arena.close();
        return { items: best.items.slice(), scores: best.scores.slice() };
      });
      expect(three).toEqual(one);
      const arena = new Arena({ kernel });
      const { offsets, items } = input.masked;
      const alone = topKRows(
        arena,
        placed(arena, {
          ...input,
          users: input.users.subarray(49 * dim),
          masked: { offsets: Int32Array.of(0, offsets[50] - offsets[49]), items: items.subarray(offsets[49]) },
        }),
      );
      expect(alone.items.slice()).toEqual(one.items.subarray(49 * k));
      expect(alone.scores.slice()).toEqual(one.scores.subarray(49 * k));
    },
  );

  it('refuses sizes that do not fit', () => {
    const arena = new Arena({ kernel });
    const [users, items] = [arena.float32(6), arena.float32(9)];
    expect(() => topKRows(arena, { users, items, dim: 3, k: 0 })).toThrow(RangeError);
    expect(() => topKRows(arena, { users, items, dim: 4, k: 1 })).toThrow(RangeError);
    expect(() => topKRows(arena, { users, items, dim: 3, k: 1, bias: arena.float32(2) })).toThrow(/2 biases/);
    const masked = { offsets: Int32Array.of(0, 1), items: Int32Array.of(0) };
    expect(() => topKRows(arena, { users, items, dim: 3, k: 1, masked })).toThrow(/mask/);
  });
});
