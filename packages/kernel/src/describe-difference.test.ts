import { describe, expect, it } from 'vitest';
import { hashOf } from './canonical.ts';
import { describeDifference } from './describe-difference.ts';

const before = {
  seed: 42,
  participants: [
    { name: 'fism', plugin: 'a#fism', options: { dim: 32, decays: [1, 2] } },
    { name: 'transformer', plugin: 'b#transformer', options: {} },
  ],
  sharing: null,
} as const;

describe('describeDifference', () => {
  it('is empty for equal descriptions, whatever the order of keys', () => {
    const same = { sharing: null, participants: before.participants, seed: 42 };
    expect(describeDifference(before, same)).toEqual([]);
    expect(hashOf(same)).toBe(hashOf(before));
  });

  it('names paths, with members of lists by their names', () => {
    const after = {
      seed: 7,
      participants: [
        { name: 'knn', plugin: 'c#knn', options: {} },
        { name: 'fism', plugin: 'a#fism', options: { dim: 64, decays: [1, 3] } },
        { name: 'transformer', plugin: 'b#transformer', options: {} },
      ],
      sharing: { name: 'bridge' },
    } as const;
    expect(describeDifference(before, after)).toEqual([
      'seed: 42 → 7',
      'participants.fism.options.dim: 32 → 64',
      'participants.fism.options.decays.1: 2 → 3',
      'participants.knn: (absent) → {"name":"knn","options":{},"plugin":"c#knn"}',
      'sharing: null → {"name":"bridge"}',
    ]);
  });

  it('sees another order', () => {
    const after = { ...before, participants: before.participants.toReversed() };
    expect(describeDifference(before, after)).toEqual(['participants: order fism, transformer → transformer, fism']);
  });
});
