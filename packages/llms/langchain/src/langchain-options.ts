import { secretSchema, z } from '@tandem-rec/contract';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';

type Promised<T> = T | Promise<T>;

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Names of fields that hold what must not stand in a file. */
const KEYS = /"(\w*api_?key|access_?token|\w*secret\w*|password|authorization)":/i;

const pricesSchema = z
  .strictObject({
    inputPerMillion: z.number().min(0).describe('Of a million tokens of the question, in your currency.'),
    outputPerMillion: z.number().min(0).default(0).describe('Of a million tokens of the answer.'),
  })
  .optional()
  .describe('What the model costs, for the budget in money and the log.');

/** What names a model that LangChain opens. */
const named = {
  model: z
    .string()
    .regex(/^[\w-]+:.+$/, 'Write “provider:model”, for example “openai:gpt-5-mini”.')
    .describe('`provider:model`; the provider’s package (for example `@langchain/openai`) has to be installed.'),
  apiKey: secretSchema
    .optional()
    .describe(
      'The key, as a reference to an environment variable. Default: what the provider’s package looks for itself.',
    ),
  params: z
    .record(z.string(), z.json())
    .refine(
      (params) => !KEYS.test(JSON.stringify(params)),
      'Keys do not belong in `params`: write `apiKey: { env: NAME }`, or make the model yourself with `create`.',
    )
    .default({})
    .describe('Options of the provider’s LangChain class, for example `temperature` or a server of your own.'),
  prices: pricesSchema,
};

/** What describes a model that the caller makes. */
const live = {
  id: z.string().min(1).describe('Name and version of the model: another id means other answers.'),
  prices: pricesSchema,
};

const dimensions = z
  .int()
  .min(1)
  .optional()
  .describe('Width of the vectors. Default: asked of the model at the start, which fails then if it does not answer.');

const limitsSchema = z.strictObject({
  concurrency: z.int().min(1).default(4).describe('Calls at a time, to each model.'),
  requestsPerMinute: z.number().positive().optional().describe('Default: no limit of ours.'),
  tokensPerMinute: z.number().positive().optional().describe('Default: no limit of ours.'),
  timeoutMs: z.int().min(1).default(60_000).describe('How long an answer may take.'),
  attempts: z.int().min(1).default(4).describe('Tries of a call that failed for a moment.'),
  answerTokens: z
    .int()
    .min(1)
    .default(800)
    .describe('Tokens of an answer that budget and limits reckon with beforehand.'),
});

const budgetSchema = z.strictObject({
  tokensPerRun: z.number().positive().optional(),
  tokensPerDay: z.number().positive().optional().describe('Of all runs with the same cache folder, by the day in UTC.'),
  moneyPerRun: z.number().positive().optional().describe('In the currency of `prices`.'),
  moneyPerDay: z.number().positive().optional(),
});

/** Options of the plugin `langchain`. */
export const langchainOptions = z
  .strictObject({
    chat: z
      .union([
        z.strictObject(named),
        z.strictObject({
          ...live,
          create: z
            .custom<() => Promised<BaseChatModel>>(isFunction, 'A function that makes the model.')
            .describe('Makes the chat model; called once, when the pipeline starts.'),
        }),
      ])
      .optional()
      .describe('The model that is talked to.'),
    embeddings: z
      .union([
        z.strictObject({ ...named, dimensions }),
        z.strictObject({
          ...live,
          dimensions,
          create: z
            .custom<() => Promised<EmbeddingsInterface>>(isFunction, 'A function that makes the model.')
            .describe('Makes the embedding model; called once, when the pipeline starts.'),
        }),
      ])
      .optional()
      .describe('The model that makes vectors of texts.'),
    profiles: z
      .boolean()
      .default(false)
      .describe(
        'Whether the chat model writes profiles of users and items: words to give, and what vectors are made of.',
      ),
    judgements: z
      .strictObject({
        cut: z
          .int()
          .min(1)
          .max(200)
          .default(20)
          .describe('Candidates that are judged: the best by the order without judgements.'),
        perCall: z
          .int()
          .min(1)
          .max(200)
          .default(20)
          .describe(
            'Candidates of one call. At 1, no text of an item can sway the judgement of another, and calls are many.',
          ),
        strength: z.number().positive().default(1).describe('Weight of the log-odds of a grade beside the prior.'),
      })
      .optional()
      .describe('Whether the chat model judges candidates. Without it, predictions are the prior alone.'),
    explanations: z
      .boolean()
      .default(false)
      .describe('Whether `describe` explains users and items to people, instead of profiling them.'),
    similarity: z
      .number()
      .min(0)
      .default(8)
      .describe(
        'Weight of the cosine between an item’s vector and those of the past, in the prior; with `embeddings` only.',
      ),
    history: z.int().min(1).max(200).default(20).describe('Newest items of a past that prompts show.'),
    textLimit: z.int().min(20).max(4000).default(300).describe('Characters of each text in a prompt.'),
    notes: z
      .strictObject({
        perRow: z
          .int()
          .min(1)
          .max(20)
          .default(2)
          .describe('Newest texts of other participants kept about a user or item.'),
        rows: z
          .int()
          .min(1)
          .default(50_000)
          .describe('Users and items they are kept of; the longest untouched are forgotten.'),
      })
      .prefault({})
      .describe('What other participants said in lessons of text: it is woven into the prompts.'),
    limits: limitsSchema.prefault({}).describe('How fast models are asked.'),
    budget: budgetSchema.prefault({}).describe('What may be spent; then the run goes on without hosted models.'),
    cache: z
      .boolean()
      .default(true)
      .describe('Whether answers are kept in the cache folder, by the content of the question.'),
    exchanges: z
      .discriminatedUnion('mode', [
        z.strictObject({ mode: z.literal('live') }),
        z.strictObject({ mode: z.literal('record'), file: z.string().min(1).describe('JSONL; grows.') }),
        z.strictObject({ mode: z.literal('replay'), file: z.string().min(1).describe('JSONL, from `record`.') }),
      ])
      .default({ mode: 'live' })
      .describe('Talk to the models, record what is said, or repeat a recording without models and keys.'),
  })
  .refine(({ chat, embeddings }) => chat ?? embeddings, 'Name a `chat` model, `embeddings` or both.')
  .refine(
    ({ chat, profiles, judgements, explanations }) => chat ?? !(profiles || judgements || explanations),
    'Profiles, judgements and explanations need a `chat` model.',
  )
  .refine(
    ({ chat, embeddings, budget: { moneyPerRun, moneyPerDay } }) =>
      (moneyPerRun ?? moneyPerDay) === undefined || [chat, embeddings].every((model) => !model || model.prices),
    'A budget in money needs the `prices` of each model.',
  );

/** Validated options. */
export type LangchainOptions = z.output<typeof langchainOptions>;
export type Limits = LangchainOptions['limits'];
export type BudgetOptions = LangchainOptions['budget'];
export type ChatOptions = NonNullable<LangchainOptions['chat']>;
export type EmbeddingsOptions = NonNullable<LangchainOptions['embeddings']>;
export type Prices = NonNullable<ChatOptions['prices']>;
