import { describe, expect, it } from 'vitest';

import { itemText } from './item-text.ts';

describe('itemText', () => {
  it('says title, then categories', () => {
    expect(
      itemText({ id: '1', text: { title: 'Toy Story (1995)' }, categories: ['Animation', "Children's", 'Comedy'] }),
    ).toBe("Toy Story (1995). Animation, Children's, Comedy");
  });

  it('joins fields as sentences and leaves out what is empty', () => {
    expect(itemText({ id: '1', text: { title: ' Who?  ', subtitle: '', about: 'A\n  book' }, categories: [] })).toBe(
      'Who? A book',
    );
    expect(itemText({ id: '1', text: {}, categories: ['a'] })).toBe('a');
    expect(itemText({ id: '1', text: {}, categories: [] })).toBe('');
  });
});
