import type { Rng } from '@tandem-rec/contract';

const U64 = (1n << 64n) - 1n;
const U128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/**
 * `numpy.random.default_rng(seed)` as far as `random` and `permutation` go: PCG64 (XSL RR 128/64) seeded through
 * SeedSequence, bounded integers of a shuffle by masked rejection on halves of 64-bit draws. A descending Fisher–Yates
 * shuffle with `int` makes numpy's permutations, and so the splits that others have drawn with it.
 */
export function numpyRandom(seed: number): Pick<Rng, 'int' | 'next'> {
  const [high, low, incrementHigh, incrementLow] = seedSequence(seed);
  const increment = ((((incrementHigh << 64n) | incrementLow) << 1n) | 1n) & U128;
  let state = 0n;
  const step = (): void => {
    state = (state * MULTIPLIER + increment) & U128;
  };
  step();
  state = (state + ((high << 64n) | low)) & U128;
  step();

  const next64 = (): bigint => {
    step();
    const mixed = (state >> 64n) ^ (state & U64);
    const turn = state >> 122n;
    return ((mixed >> turn) | (mixed << (64n - turn))) & U64;
  };
  let kept: number | undefined;
  const next32 = (): number => {
    if (kept !== undefined) {
      const half = kept;
      kept = undefined;
      return half;
    }
    const drawn = next64();
    kept = Number(drawn >> 32n);
    return Number(drawn & 0xffffffffn);
  };
  const int = (below: number): number => {
    const mask = below < 2 ? 0 : 2 ** (32 - Math.clz32(below - 1)) - 1;
    if (mask === 0) return 0;
    for (;;) {
      const drawn = (next32() & mask) >>> 0;
      if (drawn < below) return drawn;
    }
  };
  return { int, next: () => Number(next64() >> 11n) / 2 ** 53 };
}

/** Four 64-bit words of `SeedSequence(seed).generate_state(4, uint64)`. */
function seedSequence(seed: number): readonly bigint[] {
  let constant = 0x43b0d7e5;
  const hash = (value: number): number => {
    const mixed = value ^ constant;
    constant = Math.imul(constant, 0x931e8875);
    const product = Math.imul(mixed, constant);
    return product ^ (product >>> 16);
  };
  const pool = [seed, 0, 0, 0].map(hash);
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++) {
      if (from === to) continue;
      const mixed = (Math.imul(0xca01f9dd, pool[to]) - Math.imul(0x4973f715, hash(pool[from]))) | 0;
      pool[to] = mixed ^ (mixed >>> 16);
    }
  let final = 0x8b51f9dd;
  const words = Array.from({ length: 8 }, (_, k) => {
    const mixed = pool[k % 4] ^ final;
    final = Math.imul(final, 0x58f38ded);
    const product = Math.imul(mixed, final);
    return BigInt((product ^ (product >>> 16)) >>> 0);
  });
  return [0, 1, 2, 3].map((k) => (words[2 * k + 1] << 32n) | words[2 * k]);
}
