/** On MovieLens titles as good as all n-grams of 3 to 5, at a third of the cost. */
const GRAM = 4;
/** Words of a text beyond this many are left out: titles and tags are short, and a pasted page should not stop the stream. */
const MAX_WORDS = 256;
const MAX_WORD_LENGTH = 32;

/**
 * Texts as bags of hashed subwords, for a model that learns their embeddings from scratch (Bojanowski et al., "Enriching
 * word vectors with subword information", 2017): a word is its own bucket and those of its character 4-grams,
 * with `<` and `>` at its ends. Nothing is learned or remembered here: a text always gives the same buckets.
 */
export class HashedSubwordEncoder {
  readonly buckets: number;

  /** `buckets`: how many embeddings there are; subwords that fall into the same one share it. */
  constructor(buckets: number) {
    this.buckets = buckets;
  }

  /** Lower-cased words and numbers, in order, without accents; distinct words only. */
  words(text: string): readonly string[] {
    const plain = text
      .normalize('NFKD')
      .replace(/\p{Mn}/gu, '')
      .toLowerCase();
    const words = new Set<string>();
    for (const [word] of plain.matchAll(/[\p{L}\p{N}]+/gu)) {
      words.add(word.slice(0, MAX_WORD_LENGTH));
      if (words.size === MAX_WORDS) break;
    }
    return [...words];
  }

  /** Buckets of a word: its own first, then those of its n-grams. */
  subwords(word: string): Int32Array {
    const letters = [...`<${word}>`];
    const buckets = [this.#bucket(letters.join(''))];
    if (letters.length > GRAM)
      for (let from = 0; from + GRAM <= letters.length; from++)
        buckets.push(this.#bucket(letters.slice(from, from + GRAM).join('')));
    return Int32Array.from(buckets);
  }

  /** FNV-1a over UTF-16 units, finished so that low bits depend on all. */
  #bucket(subword: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < subword.length; i++) hash = Math.imul(hash ^ subword.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return ((hash ^ (hash >>> 13)) >>> 0) % this.buckets;
  }
}
