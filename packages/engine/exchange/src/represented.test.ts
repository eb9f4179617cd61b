import type { BridgeParticipant, Catalogue, Role, Side } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { represented } from './represented.ts';

/** Item 3 has no text. */
const CATALOGUE = {
  item: (row: number) => ({ id: `i${row}`, text: row === 3 ? {} : { title: 'A title' }, categories: [] }),
} as unknown as Catalogue;
const ROWS = Int32Array.of(0, 1, 2, 3);
const GOOD = [1, 2, 3, 4, 5, 6, 0, 0];

const ask = (data: readonly number[], more: { rows?: number; cols?: number; role?: Role; side?: Side } = {}) => {
  const { rows = 4, cols = 2, role = 'language', side = 'item' } = more;
  const matrix = { rows, cols, data: Float32Array.from(data) };
  const participant = { name: 'words', role, represent: async () => matrix } as unknown as BridgeParticipant;
  return represented(participant, side, ROWS, CATALOGUE);
};

describe('represented', () => {
  it('hands on vectors that fit, zero where an item has no text', async () => {
    expect((await ask(GOOD)).data).toEqual(Float32Array.from(GOOD));
  });

  it.each<[string, Parameters<typeof ask>, RegExp]>([
    ['too few', [GOOD, { rows: 3 }], /it gave 3/],
    ['too narrow', [[], { cols: 0 }], /0 wide/],
    ['cut off', [GOOD.slice(0, 7)], /7 numbers are too few/],
    ['not numbers', [[1, 2, 3, NaN, 5, 6, 7, 8]], /row 1 holds NaN/],
    ['endless', [[1, 2, 3, 4, 5, 6, 7, Infinity]], /row 3 holds Infinity/],
    ['all zero', [[0, 0, 0, 0, 0, 0, 0, 0]], /3 of 3 with text are all zero, for example those of "i0", "i1", "i2"/],
    ['mostly zero', [[0, 0, 0, 0, 5, 6, 0, 0]], /2 of 3/],
  ])('refuses vectors that are %s', async (_, given, message) => {
    await expect(ask(...given)).rejects.toMatchObject({
      code: 'TANDEM_VECTORS_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('knows that a single text may say nothing, and that rows of users and domain models begin as zeros', async () => {
    await ask([0, 0, 3, 4, 5, 6, 0, 0]);
    await ask([0, 0, 0, 0, 0, 0, 0, 0], { side: 'user' });
    await ask([0, 0, 0, 0, 0, 0, 0, 0], { role: 'domain' });
  });
});
