import { TandemError, type Environment, type JsonValue } from '@tandem-rec/contract';
import type { LangchainOptions } from '../langchain-options.ts';
import type { ChatModel, EmbeddingModel } from '../models/hosted-models.ts';
import type { Question } from '../prompts/question.ts';
import { Budget, type Usage } from './budget.ts';
import { ExchangeFile } from './exchange-file.ts';
import { exchangeKey } from './exchange-key.ts';
import { ExchangeStore } from './exchange-store.ts';
import { Line } from './line.ts';
import { redactor } from './redact.ts';
import { bytesOf, vectorOf } from './vector-text.ts';

const EMBED_VERSION = 'embed@1';
/** Texts of one call to an embedding model: every provider takes so many. */
const EMBED_CHUNK = 64;
/** Of English; other scripts have fewer, so that a provider's own count, where it gives one, settles the account. */
const CHARACTERS_PER_TOKEN = 4;

/** What the gateway works with. */
export interface GatewayParts {
  readonly chat: ChatModel | undefined;
  readonly embeddings: EmbeddingModel | undefined;
}

/**
 * The one way to hosted models. An answer comes from the recording or the cache where it is there; else the model is asked,
 * within the limits and the budget, and the answer is kept.
 */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #env: Environment;
  readonly #mode: LangchainOptions['exchanges']['mode'];
  readonly #file: ExchangeFile | undefined;
  readonly #store: ExchangeStore;
  readonly #budget: Budget;
  readonly #answerTokens: number;
  readonly #lines: { readonly chat: Line; readonly embeddings: Line };
  readonly #underWay = new Map<string, Promise<string>>();
  #asked = 0;
  #remembered = 0;
  #said = 0;

  constructor(options: LangchainOptions, parts: GatewayParts, env: Environment) {
    const { exchanges, limits, budget, cache } = options;
    this.#parts = parts;
    this.#env = env;
    this.#mode = exchanges.mode;
    this.#file = exchanges.mode === 'live' ? undefined : new ExchangeFile(env.resolvePath(exchanges.file), env);
    this.#store = new ExchangeStore(env, cache);
    this.#budget = new Budget(budget, this.#store, env);
    this.#answerTokens = limits.answerTokens;
    const redact = redactor([...(parts.chat?.secrets ?? []), ...(parts.embeddings?.secrets ?? [])]);
    this.#lines = {
      chat: new Line(parts.chat?.id ?? '', limits, env, redact),
      embeddings: new Line(parts.embeddings?.id ?? '', limits, env, redact),
    };
  }

  /** Calls that were made, answers that were there already, and what was spent. */
  get usage(): { readonly [fact: string]: number } {
    return { calls: this.#asked, remembered: this.#remembered, ...this.#budget.spent };
  }

  /**
   * The words of an answer.
   * Throws `TANDEM_MODEL_UNAVAILABLE`, `TANDEM_BUDGET_SPENT`, `TANDEM_EXCHANGE_NOT_RECORDED`; the reason of the signal.
   */
  async chat({ prompt, messages }: Question): Promise<string> {
    const model = this.#parts.chat;
    if (!model) throw new TypeError('There is no chat model.');
    const key = exchangeKey(model.id, model.params, prompt, messages);
    const known = this.#recall(key, model, prompt, messages);
    if (known !== undefined) return known;
    // The same question asked twice at once is paid for once.
    const same = this.#underWay.get(key);
    if (same) return same;
    const input = Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / CHARACTERS_PER_TOKEN);
    const expected = { inputTokens: input, outputTokens: this.#answerTokens };
    const asking = this.#lines.chat
      .call(input + this.#answerTokens, (signal) =>
        this.#paid(expected, model.prices, async () => {
          const { text, usage } = await model.ask(messages, signal);
          return [
            text,
            usage ?? { inputTokens: input, outputTokens: Math.ceil(text.length / CHARACTERS_PER_TOKEN) },
          ] as const;
        }),
      )
      .then((answer) => {
        this.#keep(key, model, prompt, messages, answer);
        return answer;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asking);
    return asking;
  }

  /** One vector a text, all of one width. Throws as `chat`, and `TANDEM_MODEL_ANSWER_INVALID`. */
  async embed(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const model = this.#parts.embeddings;
    if (!model) throw new TypeError('There is no embedding model.');
    const keyOf = (text: string): string => exchangeKey(model.id, model.params, EMBED_VERSION, text);
    const vectors = new Map<string, Float32Array>();
    const missing: string[] = [];
    for (const text of new Set(texts)) {
      const known = this.#recall(keyOf(text), model, EMBED_VERSION, text);
      if (known === undefined) missing.push(text);
      else vectors.set(text, vectorOf(known));
    }
    const chunks = Array.from({ length: Math.ceil(missing.length / EMBED_CHUNK) }, (_, i) =>
      missing.slice(i * EMBED_CHUNK, (i + 1) * EMBED_CHUNK),
    );
    await Promise.all(
      chunks.map(async (chunk) => {
        const found = await this.#embedChunk(model, chunk);
        for (const [i, text] of chunk.entries()) {
          vectors.set(text, found[i]);
          this.#keep(keyOf(text), model, EMBED_VERSION, text, bytesOf(found[i]));
        }
      }),
    );
    return texts.map((text) => vectors.get(text)!);
  }

  close(): void {
    if (this.#asked + this.#remembered > this.#said) this.#env.log.info('Hosted models were asked', this.usage);
    this.#said = this.#asked + this.#remembered;
    this.#store.close();
  }

  async #embedChunk(model: EmbeddingModel, texts: readonly string[]): Promise<readonly Float32Array[]> {
    const inputTokens = Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / CHARACTERS_PER_TOKEN);
    const used = { inputTokens, outputTokens: 0 };
    const vectors = await this.#lines.embeddings.call(inputTokens, () =>
      this.#paid(used, model.prices, async () => [await model.embed(texts), used] as const),
    );
    const width = vectors[0]?.length ?? 0;
    const sound =
      vectors.length === texts.length &&
      width > 0 &&
      vectors.every((vector) => vector.length === width && vector.every(Number.isFinite));
    if (!sound)
      throw new TandemError(
        'TANDEM_MODEL_ANSWER_INVALID',
        `${model.id} was to give ${texts.length} finite vectors of one width, and gave ${vectors.length}.`,
        { details: { model: model.id } },
      );
    return vectors.map((vector) => Float32Array.from(vector));
  }

  /** Sets the expected usage aside while it works, and settles with the real one. */
  async #paid<T>(expected: Usage, prices: ChatModel['prices'], work: () => Promise<readonly [T, Usage]>): Promise<T> {
    const settle = this.#budget.reserve(expected, prices);
    this.#asked++;
    try {
      const [answer, used] = await work();
      settle(used);
      return answer;
    } catch (error) {
      settle();
      throw error;
    }
  }

  #recall(key: string, model: { readonly id: string }, prompt: string, question: unknown): string | undefined {
    const recorded = this.#file?.answer(key);
    if (this.#mode === 'replay' && recorded === undefined)
      throw new TandemError(
        'TANDEM_EXCHANGE_NOT_RECORDED',
        `${this.#file?.path} has no answer of ${model.id} to this question (${prompt}).`,
        { details: { file: this.#file?.path, model: model.id, prompt, key, recorded: this.#file?.size } },
      );
    const known = recorded ?? this.#store.answer(key);
    if (known === undefined) return undefined;
    this.#remembered++;
    if (recorded === undefined) this.#record(key, model, prompt, question, known);
    return known;
  }

  #keep(key: string, model: { readonly id: string }, prompt: string, question: unknown, answer: string): void {
    this.#store.keep(key, model.id, answer);
    this.#record(key, model, prompt, question, answer);
  }

  #record(key: string, { id }: { readonly id: string }, prompt: string, question: unknown, answer: string): void {
    this.#file?.record({ key, model: id, prompt, question: question as JsonValue, answer });
  }
}
