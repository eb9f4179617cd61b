import type { Rng } from '@tandem-rec/contract';
import type { TransformerModel } from '../transformer/transformer-model.ts';
import { Decoder, type Prompt, type WithWeights } from './decoder.ts';
import { sampleToken, type Sampling } from './sample-token.ts';
import type { TokenTrie, TrieNode } from './token-trie.ts';

export interface ChooseOptions extends Sampling {
  /** Sequences that may not be chosen, by index: what a user has met already. */
  readonly without?: ReadonlySet<number>;
  /** Follows a sequence where another one that begins with it goes on. Default: the model's first stop token. */
  readonly endId?: number;
  readonly rng?: Rng;
  readonly withWeights?: WithWeights;
  readonly signal?: AbortSignal;
}

export interface Chosen {
  /** Which of the trie's sequences. */
  readonly index: number;
  /** Its log-probability among the sequences that were allowed. */
  readonly logProbability: number;
}

/**
 * Lets a decoder write one of the sequences of a trie: at each branch it draws among the tokens that lead to one. Where only
 * one way goes on it is not asked, and what it was not asked it sees in one pass.
 * Throws RangeError where every sequence is excluded; the signal's reason.
 */
export async function choose(
  model: TransformerModel,
  prompt: Prompt,
  trie: TokenTrie,
  options: ChooseOptions = {},
): Promise<Chosen> {
  const { without = new Set<number>(), endId = model.stops[0], rng, withWeights, signal } = options;
  const open = allowedIn(trie.root, without);
  if (!open.has(trie.root)) throw new RangeError('No sequence of the trie may be chosen.');
  const decoder = new Decoder(model, withWeights);
  try {
    let logProbability = 0;
    let begun = false;
    let after: Float32Array = new Float32Array(0);
    let passed: number[] = [];
    for (let at = trie.root; ;) {
      const ways = [...at.children].filter(([, next]) => open.has(next));
      const ends = at.end !== undefined && !without.has(at.end);
      if (ends && ways.length === 0) return { index: at.end!, logProbability };
      if (ends && endId === undefined)
        throw new RangeError('Sequences begin with others: name the token that ends one.');
      let way = 0;
      if (ends || ways.length > 1) {
        if (!begun) after = await decoder.see(prompt, signal);
        begun = true;
        if (passed.length > 0) after = await decoder.see({ ids: passed }, signal);
        passed = [];
        const logits = [...ways.map(([id]) => id), ...(ends ? [endId!] : [])].map((id) => after[id]);
        way = sampleToken(logits, options, rng);
        logProbability += logits[way] - logSumExp(logits);
        if (way === ways.length) return { index: at.end!, logProbability };
      }
      passed.push(ways[way][0]);
      at = ways[way][1];
    }
  } finally {
    decoder.close();
  }
}

/** The nodes from which an allowed sequence can be reached. */
function allowedIn(root: TrieNode, without: ReadonlySet<number>): ReadonlySet<TrieNode> {
  const open = new Set<TrieNode>();
  const visit = (at: TrieNode): boolean => {
    let found = at.end !== undefined && !without.has(at.end);
    for (const next of at.children.values()) found = visit(next) || found;
    if (found) open.add(at);
    return found;
  };
  visit(root);
  return open;
}

function logSumExp(values: readonly number[]): number {
  const max = Math.max(...values);
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}
