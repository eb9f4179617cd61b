import type { JsonValue } from '@tandem-rec/contract';
import type { Usage } from '../exchanges/budget.ts';
import type { ChatOptions, EmbeddingsOptions, Prices } from '../langchain-options.ts';
import type { Message } from '../prompts/question.ts';

/** What is known of a model without opening it. */
interface ModelCard {
  /** Name and version, as it enters the content hash of a question. */
  readonly id: string;
  readonly params: JsonValue;
  readonly prices: Prices;
}

/** A chat model as the gateway sees it. */
export interface ChatModel extends ModelCard {
  /** What no message may show. */
  readonly secrets: readonly string[];
  /** The answer is empty where the model refused. Throws what the provider throws. */
  ask(messages: readonly Message[], signal: AbortSignal): Promise<{ readonly text: string; readonly usage?: Usage }>;
}

/** An embedding model as the gateway sees it. */
export interface EmbeddingModel extends ModelCard {
  readonly secrets: readonly string[];
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
}

export function modelCard(options: ChatOptions | EmbeddingsOptions): ModelCard {
  const { prices = { inputPerMillion: 0, outputPerMillion: 0 } } = options;
  return 'create' in options
    ? { id: options.id, params: {}, prices }
    : { id: options.model, params: options.params, prices };
}
