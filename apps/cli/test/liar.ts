import {
  defineLanguageModel,
  z,
  type DomainModel,
  type LanguageModel,
  type Rng,
  type Scores,
} from '@tandem-rec/contract';
import { fism } from '@tandem-rec/model-history';

/** How a teacher goes wrong: it says the opposite, anything, or what was true long ago. */
export type Lie = 'inverted' | 'random' | 'stale';

const OPTIONS = fism.definition.options.parse({});

/**
 * A teacher that does harm: a `fism` at the language side's place that hears nobody, and says something else than it
 * believes; its vectors are as wrong as its predictions.
 */
export const liar = defineLanguageModel({
  id: 'test#liar',
  summary: 'A teacher that does harm.',
  options: z.strictObject({ how: z.enum(['inverted', 'random', 'stale']), staleAfter: z.int().default(2000) }),
  gives: ['predictions', 'representations'],
  takes: ['predictions'],
  tables: typeof fism.definition.tables === 'function' ? fism.definition.tables(OPTIONS) : [],
  create: async ({ how, staleAfter }, environment): Promise<LanguageModel> => {
    const honest: DomainModel = await fism.definition.create(OPTIONS, environment);
    const { rng } = environment;
    return {
      attach: (attachment) => honest.attach(attachment),
      learn: async (batch, _lessons, more) =>
        how === 'stale' && batch.sequence >= staleAfter
          ? { losses: {}, rowGradients: [] }
          : honest.learn!(batch, [], more),
      predict: async (users, items) => lie(await honest.predict(users, items), how, rng, 2),
      represent: async (side, rows) => {
        const vectors = await honest.represent!(side, rows);
        return { ...vectors, data: lie(vectors.data, how, rng, 0.1) };
      },
      save: () => honest.save(),
      load: (state) => honest.load(state),
    };
  },
});

function lie(said: Scores, how: Lie, rng: Rng, spread: number): Scores {
  if (how === 'stale') return said;
  return said.map(how === 'inverted' ? (value) => -value : () => spread * rng.normal());
}
