import { openTensorBackend, tf } from '@tandem-rec/compute';
import { defineLanguageModel, type Environment, type LanguageModel } from '@tandem-rec/contract';
import { AdamW } from './items/adam-w.ts';
import { ItemRanker } from './items/item-ranker.ts';
import { openFeatures } from './open-features.ts';
import { CausalPooling } from './pooling/causal-pooling.ts';
import { DecayPooling } from './pooling/decay-pooling.ts';
import type { Pooling } from './pooling/pooling.ts';
import { transformerOptions, type TransformerOptions } from './transformer-options.ts';

/**
 * A local language model as recommender: items are their texts, users what they last met.
 *
 * Texts are read by a frozen sentence encoder from weights in Hugging Face layout (all-MiniLM-L6-v2; Reimers and Gurevych,
 * 2019) or, without weights, by subwords learned from scratch (Bojanowski et al., 2017). A user's state is a sum of the last
 * items with learned decays, or the last state of a small causal transformer (Kang and McAuley, "SASRec", 2018). Every item
 * table of the domain side that a strategy opens adds a soft token to its item's vector.
 *
 * It gives `representations` and `predictions`, and with `userRows` also `parameters` (a table `user`); it takes
 * `parameters`, `predictions` and `representations`.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer({ encoder: 'auto' }), sharing: bridge() });
 */
export const transformer = defineLanguageModel({
  id: '@tandem-rec/llm-transformer#transformer',
  summary:
    'Ranks items by what their texts say and by what a user met last: a frozen MiniLM or subwords learned from scratch.',
  options: transformerOptions,
  gives: ({ userRows }) =>
    userRows ? ['representations', 'predictions', 'parameters'] : ['representations', 'predictions'],
  takes: ['parameters', 'predictions', 'representations'],
  tables: ({ userRows, dim, rowLearningRate }) =>
    userRows
      ? [
          {
            name: 'user',
            side: 'user',
            dim,
            initialStd: 0,
            optimiser: { kind: 'adagrad', learningRate: rowLearningRate },
          },
        ]
      : [],
  create,
});

async function create(options: TransformerOptions, env: Environment): Promise<LanguageModel> {
  const features = await openFeatures(options, env);
  const optimiser = new AdamW(options.weightDecay);
  const pooling = await openPooling(options, env, optimiser);
  return new ItemRanker(options, env, features, pooling, optimiser);
}

async function openPooling(
  { pooling, dim, window, causal, headLearningRate, weightDecay }: TransformerOptions,
  env: Environment,
  optimiser: AdamW,
): Promise<Pooling> {
  if (pooling === 'decay') return new DecayPooling(dim, window, optimiser, headLearningRate);
  // Whoever runs us may have opened the backend that the configuration names.
  if (!tf.getBackend()) await openTensorBackend({ threads: env.threads, log: env.log });
  return new CausalPooling({ dim, window, weightDecay, ...causal }, env.rng.fork('causal'));
}
