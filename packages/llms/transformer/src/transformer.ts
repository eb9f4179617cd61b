import { openTensorBackend, tf } from '@tandem-rec/compute';
import { defineLanguageModel, TandemError, type Environment, type LanguageModel } from '@tandem-rec/contract';
import { Notes } from '@tandem-rec/language';
import { WrittenWeights } from './items/written-weights.ts';
import { ItemRanker } from './items/item-ranker.ts';
import { openFeatures } from './open-features.ts';
import { openPretrained } from './open-pretrained.ts';
import { CausalPooling } from './pooling/causal-pooling.ts';
import { DecayPooling } from './pooling/decay-pooling.ts';
import type { Pooling } from './pooling/pooling.ts';
import { settle, transformerOptions, type SettledOptions, type TransformerOptions } from './transformer-options.ts';

/**
 * A local language model as recommender: items are their texts, users what they last met.
 *
 * Texts are read by a frozen sentence encoder from weights in Hugging Face layout (all-MiniLM-L6-v2; Reimers and Gurevych,
 * 2019) or, without weights, by subwords learned from scratch (Bojanowski et al., 2017). A user's state is a sum of the last
 * items with learned decays, or the last state of a small causal transformer (Kang and McAuley, "SASRec", 2018). Every item
 * table of the domain side that a strategy opens adds a soft token to its item's vector.
 *
 * With `body` the state is read by a pretrained transformer instead: past items are soft tokens, alone or behind the words of
 * their titles (Zhang et al., "CoLLM", 2023), and its weights stay frozen, are adapted (Hu et al., "LoRA", 2021) or trained.
 *
 * It gives `representations` and `predictions`, with `userRows` and `itemRows` also `parameters` (tables `user` and `item`),
 * and with `body.text` also `text`. It takes all four: what others say of an item becomes part of its text, what they say of
 * a user part of the state.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer({ encoder: 'auto' }), sharing: bridge() });
 */
export const transformer = defineLanguageModel({
  id: '@tandem-rec/llm-transformer#transformer',
  summary:
    'Ranks items by what their texts say and by what a user met last: a frozen MiniLM or subwords learned from scratch.',
  options: transformerOptions,
  gives: ({ userRows, itemRows, body }) => [
    'representations',
    'predictions',
    ...(userRows || itemRows ? (['parameters'] as const) : []),
    ...(body?.text ? (['text'] as const) : []),
  ],
  takes: ['parameters', 'predictions', 'representations', 'text'],
  tables: ({ userRows, itemRows, dim, rowLearningRate }) =>
    (['user', 'item'] as const)
      .filter((side) => (side === 'user' ? userRows : itemRows))
      .map((side) => ({
        name: side,
        side,
        dim,
        initialStd: 0,
        optimiser: { kind: 'adagrad', learningRate: rowLearningRate },
      })),
  create,
});

/** Of what others say the newest texts are kept. */
const NOTES = { perRow: 2, rows: 50_000, textLimit: 300 } as const;

async function create(given: TransformerOptions, env: Environment): Promise<LanguageModel> {
  const options = settle(given);
  const features = await openFeatures(options, env);
  const optimiser = new WrittenWeights(options.weightDecay);
  const pooling = (): Promise<Pooling> => openPooling(options, env, optimiser);
  const notes = new Notes(NOTES);
  try {
    if (!options.body) return new ItemRanker(options, env, features, await pooling(), optimiser, notes);
    await needBackend(env);
    return await openPretrained(options, options.body, env, features, pooling, optimiser, notes);
  } catch (error) {
    features.close();
    throw error;
  }
}

async function openPooling(
  { pooling, dim, window, causal, headLearningRate, weightDecay }: SettledOptions,
  env: Environment,
  optimiser: WrittenWeights,
): Promise<Pooling> {
  if (pooling === 'decay') return new DecayPooling(dim, window, optimiser, headLearningRate);
  if (dim % causal.heads !== 0)
    throw new TandemError(
      'TANDEM_CONFIG_WRONG_VALUE',
      `${env.name}: \`causal.heads\` is ${causal.heads}, which does not divide \`dim\`, ${dim}.`,
    );
  await needBackend(env);
  return new CausalPooling({ dim, window, weightDecay, ...causal }, env.rng.fork('causal'));
}

/** Whoever runs us may have opened the backend that the configuration names. */
async function needBackend({ threads, log }: Environment): Promise<void> {
  if (!tf.getBackend()) await openTensorBackend({ threads, log });
}
