import { resolveSecret, TandemError } from '@tandem-rec/contract';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { ChatOptions } from '../langchain-options.ts';
import { redactor } from '../exchanges/redact.ts';
import { modelCard, type ChatModel } from './hosted-models.ts';
import { providerMissing } from './provider-missing.ts';

/** What of a LangChain chat model is used. */
type Invocable = Pick<BaseChatModel, 'invoke'>;

/**
 * Opens the chat model that the options name or make.
 * Throws `TANDEM_MODEL_PROVIDER_MISSING`, `TANDEM_CONFIG_MISSING_SECRET`, or `TANDEM_MODEL_UNAVAILABLE` where its class refuses the options.
 */
export async function openChatModel(options: ChatOptions): Promise<ChatModel> {
  const card = modelCard(options);
  if ('create' in options) return { ...card, secrets: [], ask: asking(await options.create()) };
  const { model, params, apiKey } = options;
  const secrets = apiKey === undefined ? [] : [resolveSecret(apiKey)];
  const opened = await named(
    model,
    { maxRetries: 0, ...params, ...(secrets[0] ? { apiKey: secrets[0] } : {}) },
    secrets,
  );
  return { ...card, secrets, ask: asking(opened) };
}

async function named(model: string, fields: Record<string, unknown>, secrets: readonly string[]): Promise<Invocable> {
  let init: (model: string, fields: Record<string, unknown>) => Promise<unknown>;
  try {
    ({ initChatModel: init } = (await import('langchain')) as unknown as { initChatModel: typeof init });
  } catch (error) {
    throw providerMissing(model, 'langchain', error);
  }
  try {
    return (await init(model, fields)) as Invocable;
  } catch (error) {
    const found = providerMissing(model, model.split(':')[0], error);
    if (TandemError.is(found)) throw found;
    const { message } = error as Error;
    const code = /^Un(supported|able to infer)/.test(message)
      ? 'TANDEM_MODEL_PROVIDER_MISSING'
      : 'TANDEM_MODEL_UNAVAILABLE';
    throw new TandemError(code, `${model} cannot be opened: ${redactor(secrets)(message)}`, { details: { model } });
  }
}

const asking =
  (model: Invocable): ChatModel['ask'] =>
  async (messages, signal) => {
    const message = await model.invoke(
      messages.map(({ role, content }) => ({ role, content })),
      { signal },
    );
    const { input_tokens: inputTokens, output_tokens: outputTokens } = message.usage_metadata ?? {};
    const refused = Boolean(message.additional_kwargs?.['refusal']);
    return {
      text: refused ? '' : message.text,
      ...(inputTokens === undefined || outputTokens === undefined ? {} : { usage: { inputTokens, outputTokens } }),
    };
  };
