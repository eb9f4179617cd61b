import { expect, it } from 'vitest';
import { grown } from './grown.ts';

it('grows by doubling, keeps what was there, and leaves alone what is long enough', () => {
  const array = Float64Array.of(1, 2, 3);
  expect(grown(array, 3)).toBe(array);
  const more = grown(array, 4);
  expect(more).toBeInstanceOf(Float64Array);
  expect([...more]).toEqual([1, 2, 3, ...Array<number>(13).fill(0)]);
  expect(grown(more, 17)).toHaveLength(32);
  expect(grown(new Uint8Array(0), 1000)).toHaveLength(1000);
});
