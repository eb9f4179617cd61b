import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from '@tandem-rec/contract';
import { generate, type SentenceEncoder, type TransformerModel } from '@tandem-rec/language';

const chatSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
});
const embeddingsSchema = z.object({ model: z.string(), input: z.union([z.string(), z.array(z.string())]) });

/** What the server needs of an encoder. */
type Encoder = Pick<SentenceEncoder, 'encode'>;

export interface OpenAiServer {
  /** For `configuration.baseURL` of LangChain's classes. */
  readonly baseURL: string;
  /** Paths that were asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * An OpenAI-compatible server on this machine: what a small model writes after the beginning of the last message of the
 * user, and a sentence encoder's vectors. Whoever has not the key is turned away.
 */
export async function startOpenAiServer(
  key: string,
  writer: TransformerModel,
  encoder: Encoder,
): Promise<OpenAiServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      requests.push(request.url ?? '');
      const [status, body] = await answer(request).catch(
        (error: Error) => [500, { error: { message: error.message } }] as const,
      );
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage): Promise<readonly [number, unknown]> {
    if (request.headers.authorization !== `Bearer ${key}`)
      return [401, { error: { message: `Incorrect API key provided: ${request.headers.authorization}` } }];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (request.url === '/v1/chat/completions') return [200, await complete(chatSchema.parse(body))];
    if (request.url === '/v1/embeddings') return [200, await embed(embeddingsSchema.parse(body))];
    return [404, { error: { message: 'no such path' } }];
  }

  async function complete({ model, messages }: z.output<typeof chatSchema>): Promise<unknown> {
    // It has 512 positions and a token for each letter that it does not know: it sees the beginning of the last message.
    const ids = writer.tokenizer.encode(messages.at(-1)!.content, { maxTokens: 128, spelledSpecial: false });
    const { text, ids: drawn, ended } = await generate(writer, { ids }, { maxTokens: 24 });
    return {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 0,
      model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text, refusal: null },
          finish_reason: ended,
          logprobs: null,
        },
      ],
      usage: { prompt_tokens: ids.length, completion_tokens: drawn.length, total_tokens: ids.length + drawn.length },
    };
  }

  async function embed({ model, input }: z.output<typeof embeddingsSchema>): Promise<unknown> {
    const texts = typeof input === 'string' ? [input] : input;
    const vectors = await encoder.encode(texts);
    const dim = vectors.length / texts.length;
    return {
      object: 'list',
      model,
      data: texts.map((_, index) => ({
        object: 'embedding',
        index,
        embedding: Array.from(vectors.subarray(index * dim, (index + 1) * dim)),
      })),
      usage: { prompt_tokens: 1, total_tokens: 1 },
    };
  }
}
