import { defineLanguageModel, type Environment, type Knowledge, type LanguageModel } from '@tandem-rec/contract';
import { Gateway, type GatewayParts } from './exchanges/gateway.ts';
import { HostedLanguageModel } from './hosted-language-model.ts';
import { langchainOptions, type LangchainOptions } from './langchain-options.ts';
import { modelCard } from './models/hosted-models.ts';
import { openChatModel } from './models/open-chat-model.ts';
import { openEmbeddingModel } from './models/open-embedding-model.ts';

/**
 * Any chat or embedding model that LangChain speaks to, hosted or self-hosted.
 *
 * Options switch what it does: `profiles` of users and items in words, and as vectors through `embeddings` (Ren et al.,
 * "RLMRec", 2024; Xi et al., "KAR", 2024; Liu et al., "ONCE", 2024), listwise `judgements` of the best candidates
 * (Hou et al., "LLMRank", 2024), and `explanations`. What other participants say in lessons of text is woven into its
 * prompts (Yao et al., "DOKE", 2023). Nothing is trained: it differs from these papers in that the domain side's part is
 * up to the sharing strategy.
 *
 * Every call goes through a cache, limits of rate and a budget, and can be recorded and replayed. Where a model does not
 * answer, or the budget is spent, it goes on without: with popularity, nearness of text vectors, and the bare facts.
 *
 * It gives `text` with profiles or explanations, `representations` with `embeddings`, `predictions` with `judgements` or
 * `embeddings`; with a chat model it takes `text`.
 *
 * @example
 * langchain({
 *   chat: { model: 'openai:gpt-5-mini', apiKey: { env: 'OPENAI_API_KEY' } },
 *   judgements: { cut: 20 },
 *   budget: { tokensPerDay: 2_000_000 },
 * });
 */
export const langchain = defineLanguageModel({
  id: '@tandem-rec/llm-langchain#langchain',
  summary:
    'Chat and embedding models of LangChain: profiles, judgements, explanations and text vectors, within a budget.',
  options: langchainOptions,
  gives: ({ embeddings, profiles, judgements, explanations }): readonly Knowledge[] => [
    ...(embeddings ? ['representations' as const] : []),
    ...(judgements || embeddings ? ['predictions' as const] : []),
    ...(profiles || explanations ? ['text' as const] : []),
  ],
  takes: ({ chat }): readonly Knowledge[] => (chat ? ['text'] : []),
  create,
});

async function create(options: LangchainOptions, env: Environment): Promise<LanguageModel> {
  const parts = options.exchanges.mode === 'replay' ? recorded(options) : await opened(options);
  return new HostedLanguageModel(options, new Gateway(options, parts, env), env);
}

async function opened({ chat, embeddings }: LangchainOptions): Promise<GatewayParts> {
  return {
    chat: chat && (await openChatModel(chat)),
    embeddings: embeddings && (await openEmbeddingModel(embeddings)),
  };
}

/** A recording needs neither models nor keys: the gateway answers from it, or not at all. */
function recorded({ chat, embeddings }: LangchainOptions): GatewayParts {
  const nobody = async (): Promise<never> => {
    throw new TypeError('Nobody is asked in a replay.');
  };
  return {
    chat: chat && { ...modelCard(chat), secrets: [], ask: nobody },
    embeddings: embeddings && { ...modelCard(embeddings), secrets: [], embed: nobody },
  };
}
