import { describe, expect, it } from 'vitest';
import { HashedSubwordEncoder } from './hashed-subword-encoder.ts';

const encoder = new HashedSubwordEncoder(8192);

describe('HashedSubwordEncoder', () => {
  it('finds words of any script, without accents, each once', () => {
    expect(encoder.words("Café Noir (1995). A café, Children's — 東京物語")).toEqual([
      'cafe',
      'noir',
      '1995',
      'a',
      'children',
      's',
      '東京物語',
    ]);
    expect(encoder.words('')).toEqual([]);
  });

  it('shares n-grams between kindred words', () => {
    const shared = (a: string, b: string): number => {
      const other = new Set(encoder.subwords(b));
      return encoder.subwords(a).filter((bucket) => other.has(bucket)).length;
    };
    expect(shared('animation', 'animated')).toBeGreaterThan(3);
    expect(shared('animation', 'thriller')).toBeLessThan(2);
  });

  it('gives a one-letter word its own bucket only, and always the same ones', () => {
    expect(encoder.subwords('a').length).toBe(1);
    expect(new HashedSubwordEncoder(8192).subwords('galaxy')).toEqual(encoder.subwords('galaxy'));
  });

  it('spreads over the buckets', () => {
    const counts = new Int32Array(64);
    const few = new HashedSubwordEncoder(64);
    for (let i = 0; i < 6400; i++) counts[few.subwords(`w${i}`)[0]]++;
    expect(Math.max(...counts)).toBeLessThan(160);
    expect(Math.min(...counts)).toBeGreaterThan(50);
  });
});
