import { describe, expect, it } from 'vitest';
import { itemText } from './item-text.ts';

describe('itemText', () => {
  it('writes fields and categories as sentences', () => {
    expect(itemText({ id: '1', text: { title: 'Toy Story (1995)' }, categories: ['Animation', "Children's"] })).toBe(
      "Toy Story (1995). Animation, Children's",
    );
    expect(itemText({ id: '1', text: { title: ' A  tale. ', plot: 'They met.' }, categories: [] })).toBe(
      'A tale. They met',
    );
    expect(itemText({ id: '1', text: {}, categories: [] })).toBe('');
  });
});
