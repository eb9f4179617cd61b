/** A node of a trie: what may come next. */
export interface TrieNode {
  readonly children: ReadonlyMap<number, TrieNode>;
  /** Where a sequence ends here: which. */
  readonly end: number | undefined;
}

interface GrowingNode {
  readonly children: Map<number, GrowingNode>;
  end: number | undefined;
}

const node = (): GrowingNode => ({ children: new Map(), end: undefined });

/**
 * Token sequences by their beginnings, so that a decoder can be held to one of them (De Cao et al., "Autoregressive entity
 * retrieval", 2021). Of equal sequences the first counts.
 */
export class TokenTrie {
  readonly root: TrieNode;
  /** Sequences in it, equal ones once. */
  readonly size: number;

  /** Throws RangeError for a sequence without tokens. */
  constructor(sequences: Iterable<ArrayLike<number>>) {
    const root = node();
    let [size, index] = [0, -1];
    for (const sequence of sequences) {
      index++;
      if (sequence.length === 0) throw new RangeError(`The sequence ${index} has no tokens.`);
      let at = root;
      for (let i = 0; i < sequence.length; i++) {
        let next = at.children.get(sequence[i]);
        if (!next) at.children.set(sequence[i], (next = node()));
        at = next;
      }
      if (at.end === undefined) size++;
      at.end ??= index;
    }
    this.root = root;
    this.size = size;
  }
}
