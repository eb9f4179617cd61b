import { resolveSecret, TandemError } from '@tandem-rec/contract';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import type { EmbeddingsOptions } from '../langchain-options.ts';
import { redactor } from '../exchanges/redact.ts';
import { modelCard, type EmbeddingModel } from './hosted-models.ts';
import { providerMissing } from './provider-missing.ts';

/** LangChain opens chat models by name, but not embedding models: where each provider keeps its class. */
const PROVIDERS: Readonly<Record<string, readonly [packageName: string, className: string]>> = {
  openai: ['@langchain/openai', 'OpenAIEmbeddings'],
  azure_openai: ['@langchain/openai', 'AzureOpenAIEmbeddings'],
  ollama: ['@langchain/ollama', 'OllamaEmbeddings'],
  mistralai: ['@langchain/mistralai', 'MistralAIEmbeddings'],
  cohere: ['@langchain/cohere', 'CohereEmbeddings'],
  'google-genai': ['@langchain/google-genai', 'GoogleGenerativeAIEmbeddings'],
  bedrock: ['@langchain/aws', 'BedrockEmbeddings'],
};

/** Opens the embedding model that the options name or make; throws as `openChatModel` does. */
export async function openEmbeddingModel(options: EmbeddingsOptions): Promise<EmbeddingModel> {
  const card = modelCard(options);
  if ('create' in options) return { ...card, secrets: [], embed: embedding(await options.create()) };
  const { model, params, apiKey } = options;
  const secrets = apiKey === undefined ? [] : [resolveSecret(apiKey)];
  const opened = await named(
    model,
    { maxRetries: 0, ...params, ...(secrets[0] ? { apiKey: secrets[0] } : {}) },
    secrets,
  );
  return { ...card, secrets, embed: embedding(opened) };
}

async function named(
  id: string,
  fields: Record<string, unknown>,
  secrets: readonly string[],
): Promise<EmbeddingsInterface> {
  const [provider] = id.split(':', 1);
  const model = id.slice(provider.length + 1);
  if (!Object.hasOwn(PROVIDERS, provider))
    throw new TandemError(
      'TANDEM_MODEL_PROVIDER_MISSING',
      `No embedding models are known of the provider “${provider}”; there are ${Object.keys(PROVIDERS).join(', ')}.`,
      { remedy: 'Give the model itself: `{ id, create: () => new … }`.', details: { model: id } },
    );
  const [packageName, className] = PROVIDERS[provider];
  let Opened: new (fields: Record<string, unknown>) => EmbeddingsInterface;
  try {
    Opened = ((await import(packageName)) as Record<string, typeof Opened>)[className];
  } catch (error) {
    throw providerMissing(id, packageName, error);
  }
  try {
    return new Opened({ ...fields, model });
  } catch (error) {
    const reason = redactor(secrets)((error as Error).message);
    throw new TandemError('TANDEM_MODEL_UNAVAILABLE', `${id} cannot be opened: ${reason}`, { details: { model: id } });
  }
}

const embedding =
  (model: EmbeddingsInterface): EmbeddingModel['embed'] =>
  (texts) =>
    model.embedDocuments([...texts]);
