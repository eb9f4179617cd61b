import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenTrie, type TrieNode } from './token-trie.ts';

describe('TokenTrie', () => {
  it('holds each sequence once, under the index of its first', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 5 })), (sequences) => {
        const trie = new TokenTrie(sequences);
        const texts = sequences.map((sequence) => sequence.join());
        const found: [string, number][] = [];
        const visit = (at: TrieNode, path: readonly number[]): void => {
          if (at.end !== undefined) found.push([path.join(), at.end]);
          for (const [token, next] of at.children) visit(next, [...path, token]);
        };
        visit(trie.root, []);
        expect(new Map(found)).toEqual(new Map(texts.map((text) => [text, texts.indexOf(text)])));
        expect([found.length, trie.size]).toEqual([new Set(texts).size, new Set(texts).size]);
      }),
    );
    expect(() => new TokenTrie([[1], []])).toThrow(/sequence 1 has no tokens/);
  });
});
