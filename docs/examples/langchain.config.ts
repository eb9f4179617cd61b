import { defineConfig } from '@tandem-rec/contract';
import { movielens100k } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { langchain } from '@tandem-rec/llm-langchain';
import { fism } from '@tandem-rec/model-history';
import { bridge } from '@tandem-rec/sharing-bridge';

/**
 * A hosted model beside a domain model, on MovieLens 100K: its vectors of the films' texts are the prior of the domain
 * model's rows, and it judges the best twenty candidates of each user until the budget of the day is spent.
 *
 *     npm install @langchain/openai
 *     OPENAI_API_KEY=… npm run tandem -- evaluate docs/examples/langchain.config.ts
 *
 * A server of your own that speaks the same language: `params: { configuration: { baseURL: 'http://127.0.0.1:8000/v1' } }`.
 */
const apiKey = { env: 'OPENAI_API_KEY' } as const;

export default defineConfig({
  name: 'MovieLens 100K with a hosted model',
  dataset: movielens100k(),
  evaluation: { split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4, epochs: 5, patience: 2 },
  domain: fism(),
  language: langchain({
    chat: {
      model: 'openai:gpt-5-mini',
      apiKey,
      prices: { inputPerMillion: 0.25, outputPerMillion: 2 },
    },
    embeddings: {
      model: 'openai:text-embedding-3-small',
      apiKey,
      prices: { inputPerMillion: 0.02 },
    },
    judgements: { cut: 20 },
    limits: { requestsPerMinute: 500, tokensPerMinute: 200_000 },
    budget: { moneyPerDay: 1 },
    exchanges: { mode: 'record', file: 'exchanges.jsonl' },
  }),
  sharing: bridge({ token: false, predictions: { to: 'none' } }),
  fusion: gate(),
});
