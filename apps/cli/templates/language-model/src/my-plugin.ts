import {
  defineLanguageModel,
  EMPTY_STATE,
  z,
  type Attachment,
  type Candidates,
  type Catalogue,
  type LanguageModel,
  type Scores,
  type State,
  type UserContexts,
} from '@tandem-rec/contract';

/**
 * Ranks items by the words that they share with what the user met last.
 *
 * @example
 * defineConfig({ domain: fism(), language: myPlugin({ recent: 5 }) })
 */
export const myPlugin = defineLanguageModel({
  id: 'my-plugin#myPlugin',
  summary: 'Items that share words with what the user met last.',
  options: z.strictObject({
    recent: z.int().min(1).default(10).describe('How many of the user’s last items count.'),
    scale: z.number().positive().default(4).describe('Logit of an item all of whose words the user has met.'),
  }),
  gives: ['predictions'],
  takes: [],
  create: ({ recent, scale }) => new MyPluginModel(recent, scale),
});

class MyPluginModel implements LanguageModel {
  readonly #recent: number;
  readonly #scale: number;
  #catalogue!: Catalogue;
  /** Words by item row, as far as they were looked up since the catalogue changed. */
  readonly #words = new Map<number, ReadonlySet<string>>();
  #revision = -1;

  constructor(recent: number, scale: number) {
    this.#recent = recent;
    this.#scale = scale;
  }

  attach({ catalogue }: Attachment): void {
    this.#catalogue = catalogue;
  }

  async predict({ size, history }: UserContexts, candidates: Candidates): Promise<Scores> {
    if (this.#catalogue.revision !== this.#revision) this.#words.clear();
    this.#revision = this.#catalogue.revision;
    const { items } = candidates;
    const shared = candidates.kind === 'shared';
    const scores = new Float32Array(shared ? size * items.length : items.length);
    let at = 0;
    for (let row = 0; row < size; row++) {
      const past = history.items.subarray(history.offsets[row], history.offsets[row + 1]).subarray(0, this.#recent);
      const met = new Set<string>();
      for (const item of past) for (const word of this.#wordsOf(item)) met.add(word);
      const [from, to] = shared ? [0, items.length] : candidates.offsets.subarray(row, row + 2);
      for (let i = from; i < to; i++) scores[at++] = this.#scale * share(this.#wordsOf(items[i]), met);
    }
    return scores;
  }

  save(): State {
    return EMPTY_STATE;
  }

  load(): void {}

  #wordsOf(item: number): ReadonlySet<string> {
    let words = this.#words.get(item);
    if (words === undefined) {
      const { text, categories } = this.#catalogue.item(item);
      words = new Set(
        [...Object.values(text), ...categories]
          .join(' ')
          .toLowerCase()
          .match(/[\p{L}\p{N}]+/gu) ?? [],
      );
      this.#words.set(item, words);
    }
    return words;
  }
}

/** Share of `words` that are in `met`; 0 without words. */
function share(words: ReadonlySet<string>, met: ReadonlySet<string>): number {
  let common = 0;
  for (const word of words) if (met.has(word)) common++;
  return words.size === 0 ? 0 : common / words.size;
}
