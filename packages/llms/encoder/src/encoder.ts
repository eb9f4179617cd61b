import { defineLanguageModel } from '@tandem-rec/contract';
import { findModel, readTextModel } from '@tandem-rec/language';
import { EncoderModel } from './encoder-model.ts';
import { encoderOptions } from './encoder-options.ts';
import { openSentenceEncoder } from './engines/open-sentence-encoder.ts';

/**
 * Vectors of items' texts by a pretrained sentence encoder (Reimers and Gurevych, "Sentence-BERT", 2019), without
 * gradients: the cheapest useful bridge, and a model for items that nobody has met yet. A user is the mean of what they
 * met last, fading with its age; candidates are scored by the cosine to it.
 *
 * Each text is read once: vectors are kept in the cache folder by the hash of their text.
 *
 * It gives `representations` of items and `predictions`, and takes nothing.
 *
 * @example
 * defineConfig({ domain: fism(), language: encoder({ model: 'all-MiniLM-L6-v2' }), sharing: bridge() });
 */
export const encoder = defineLanguageModel({
  id: '@tandem-rec/llm-encoder#encoder',
  summary: 'Text vectors of items by a frozen sentence encoder; ranks by nearness to what a user met last.',
  options: encoderOptions,
  gives: ['representations', 'predictions'],
  takes: [],
  create: async (options, env) => {
    const model = await readTextModel(await findModel(options.model, env));
    const opened = await openSentenceEncoder(model, options, env);
    env.log.info('Sentence encoder opened', { folder: model.folder, engine: opened.engine, width: model.width });
    return new EncoderModel(options, env, opened, model);
  },
});
