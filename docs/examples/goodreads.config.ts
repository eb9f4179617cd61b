import { defineConfig } from '@tandem-rec/contract';
import { goodreads } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { encoder } from '@tandem-rec/llm-encoder';
import { lightgcn } from '@tandem-rec/model-graph';
import { popularity } from '@tandem-rec/model-neighbourhood';
import { initialise } from '@tandem-rec/sharing-parameters';
import { profile } from '@tandem-rec/sharing-text';

/**
 * Books on Goodreads, a random fifth of everybody’s nine or fewer to be found among all, and what GPT-3.5 wrote about each of them as
 * vectors of the books: RLMRec's question, without a call to anybody.
 *
 *     npm run tandem -- compare docs/examples/goodreads.config.ts
 *     npm run tandem -- compare docs/examples/goodreads.config.ts --set sharing.options.items.permute=true
 *
 * The second line is the control: every book has another one's profile.
 */
export default defineConfig({
  name: 'Goodreads',
  dataset: goodreads(),
  evaluation: {
    split: { by: 'random', valid: 0.2, test: 0.2 },
    cutoff: 20,
    epochs: 32,
    patience: 2,
    validateEvery: 8,
    batch: 2048,
  },
  domain: [
    lightgcn({
      layers: 2,
      initialStd: 0.1,
      loss: { kind: 'sampled-softmax', similarity: 'cosine', temperature: 0.1, popularity: 0, lengths: 0.35 },
      online: { learningRate: 0.15, refresh: 0.5 },
    }),
    popularity(),
  ],
  language: encoder(),
  sharing: profile({
    items: { from: 'file', file: 'goodreads-once/items.jsonl', text: 'gpt35_desc' },
    // Four times as large as the table's own rows, which Adagrad's first steps outgrow.
    use: initialise({ scale: 0.4 }),
  }),
  fusion: gate(),
});
