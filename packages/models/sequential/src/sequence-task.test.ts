import { SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';
import { cloze } from './cloze-task.ts';
import { MASK } from './sequence-batch.ts';
import { nextItem } from './sequence-task.ts';

const rng = new SeededRng(1);

describe('next item', () => {
  const task = nextItem(3);

  it('asks at every position of the newest items for the one behind', () => {
    const { tokens, targets } = task.example(Int32Array.of(9, 8, 7, 6, 5), rng);
    expect([...tokens]).toEqual([8, 7, 6]);
    expect([...targets]).toEqual([7, 6, 5]);
    expect([...task.query(Int32Array.of(9, 8, 7, 6, 5))]).toEqual([7, 6, 5]);
  });

  it.each([[[]], [[4]]])('has nothing to ask of %j', (items) => {
    expect(task.example(Int32Array.from(items), rng).targets.length).toBe(0);
  });
});

describe('cloze', () => {
  const items = Int32Array.from({ length: 40 }, (_, i) => 100 + i);

  it('hides about its share of the items and asks for those alone', () => {
    const task = cloze({ maxLength: 30, masked: 0.4, lastOnly: 0, cuts: 0 });
    let hidden = 0;
    for (let round = 0; round < 100; round++) {
      const { tokens, targets } = task.example(items, rng);
      expect(tokens.length).toBe(30);
      for (const [t, token] of tokens.entries()) {
        expect([token, targets[t]]).toEqual(token === MASK ? [MASK, 110 + t] : [110 + t, -1]);
        if (token === MASK) hidden++;
      }
    }
    expect(hidden / 3000).toBeCloseTo(0.4, 1);
    expect(items.includes(MASK)).toBe(false);
  });

  it('hides one item at least, and the last one where that is what is wanted', () => {
    const one = cloze({ maxLength: 30, masked: 1e-9, lastOnly: 0, cuts: 0 }).example(items, rng);
    expect(one.targets.filter((row) => row >= 0).length).toBe(1);
    const last = cloze({ maxLength: 30, masked: 1, lastOnly: 1, cuts: 0 }).example(items, rng);
    expect(last.targets.findIndex((row) => row >= 0)).toBe(29);
  });

  it('asks for the next item behind the newest', () => {
    const task = cloze({ maxLength: 3, masked: 0.4, lastOnly: 0, cuts: 0 });
    expect([...task.query(Int32Array.of(1, 2, 3))]).toEqual([2, 3, MASK]);
  });

  it('cuts a sequence in a pass and asks for the last item there, as it is asked for the next one', () => {
    const task = cloze({ maxLength: 3, masked: 0, lastOnly: 0, cuts: 1 });
    const asked = task.pass!(Int32Array.of(5, 6, 7, 8), rng).map(({ tokens, targets }) => [[...tokens], [...targets]]);
    expect(asked).toEqual([
      [
        [5, MASK],
        [-1, 6],
      ],
      [
        [5, 6, MASK],
        [-1, -1, 7],
      ],
      [
        [6, 7, MASK],
        [-1, -1, 8],
      ],
    ]);
    expect(task.pass!(Int32Array.of(5), rng)).toEqual([]);
    const some = cloze({ maxLength: 100, masked: 0.4, lastOnly: 0, cuts: 0.25 });
    let count = 0;
    for (let round = 0; round < 100; round++) count += some.pass!(items, rng).length;
    expect(count / 100).toBeGreaterThan(1 + 39 * 0.22);
    expect(count / 100).toBeLessThan(1 + 39 * 0.28);
  });
});
