import {
  defineDomainModel,
  defineLanguageModel,
  EMPTY_STATE,
  z,
  type Attachment,
  type Batch,
  type Candidates,
  type Lesson,
  type Scores,
  type UserContexts,
} from '@tandem-rec/contract';

const options = z.strictObject({});

/** Counts who was met right before whom, and says it in the words of the neighbours. */
export const neighbourly = defineDomainModel({
  id: 'sketches#neighbourly',
  summary: 'Tells of an item what its neighbours are called.',
  options,
  gives: ['text', 'predictions'],
  takes: [],
  create: () => {
    const neighbours = new Map<number, number>();
    let catalogue: Attachment['catalogue'];
    return {
      attach: (attachment) => {
        catalogue = attachment.catalogue;
      },
      async learn({ fresh, items, history }: Batch) {
        for (let b = 0; b < fresh; b++)
          if (history.offsets[b] < history.offsets[b + 1]) neighbours.set(items[b], history.items[history.offsets[b]]);
        return { losses: {}, rowGradients: [] };
      },
      predict: async ({ size }, { items }) => new Float32Array(size * items.length),
      async describe({ row }) {
        const near = neighbours.get(row);
        return near === undefined ? '' : `People who met ${catalogue.item(near).text['title']} met it next.`;
      },
      save: () => ({ version: 1, arrays: [], values: { neighbours: [...neighbours] } }),
      load: ({ values }) => {
        for (const [item, near] of values['neighbours'] as [number, number][]) neighbours.set(item, near);
      },
    };
  },
});

/** Knows items by their words, and ranks by the words that an item shares with what a user met last. */
export const wordy = defineLanguageModel({
  id: 'sketches#wordy',
  summary: 'Ranks by words in common.',
  options,
  gives: ['predictions'],
  takes: ['text'],
  create: () => {
    const learned = new Map<number, ReadonlySet<string>>();
    let catalogue: Attachment['catalogue'];
    const wordsOf = (row: number): ReadonlySet<string> =>
      new Set([...wordsIn(catalogue.item(row).text['title'] ?? ''), ...(learned.get(row) ?? [])]);
    return {
      attach: (attachment) => {
        catalogue = attachment.catalogue;
      },
      async learn(_batch: Batch, lessons: readonly Lesson[]) {
        for (const lesson of lessons)
          if (lesson.kind === 'text') lesson.rows.forEach((row, k) => learned.set(row, wordsIn(lesson.texts[k])));
        return { losses: {}, rowGradients: [] };
      },
      async predict({ size, history }: UserContexts, { items }: Candidates): Promise<Scores> {
        const scores = new Float32Array(size * items.length);
        for (let b = 0; b < size; b++) {
          if (history.offsets[b] === history.offsets[b + 1]) continue;
          const last = wordsOf(history.items[history.offsets[b]]);
          for (let i = 0; i < items.length; i++)
            scores[b * items.length + i] = [...wordsOf(items[i])].filter((word) => last.has(word)).length;
        }
        return scores;
      },
      save: () => ({
        version: 1,
        arrays: [],
        values: { learned: [...learned].map(([row, words]) => [row, [...words]]) },
      }),
      load: ({ values }) => {
        for (const [row, words] of values['learned'] as [number, string[]][]) learned.set(row, new Set(words));
      },
    };
  },
});

const wordsIn = (text: string): ReadonlySet<string> => new Set(text.match(/[a-z]+/g));

/** Believes anything, and always something else. */
export const random = defineLanguageModel({
  id: 'sketches#random',
  summary: 'Noise.',
  options,
  gives: ['predictions'],
  takes: [],
  create: (_options, { rng }) => ({
    attach: () => {},
    predict: async ({ size }, { items }) => Float32Array.from({ length: size * items.length }, () => rng.normal()),
    save: () => EMPTY_STATE,
    load: () => {},
  }),
});
