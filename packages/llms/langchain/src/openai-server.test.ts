import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChatOpenAI } from '@langchain/openai';
import { openTensorBackend } from '@tandem-rec/compute';
import type { LanguageModel } from '@tandem-rec/contract';
import { MiniLmEncoder, TransformerModel } from '@tandem-rec/language';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { systemClock, testEnvironment, type TestEnvironment } from '@tandem-rec/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startOpenAiServer, type OpenAiServer } from '../test/openai-server.ts';
import { asking, attachment, create as make, shared } from '../test/world.ts';
import type { langchain } from './langchain.ts';

const KEY = 'tandem-test-key-0123456789';
const TITLES = ['Toy Story (1995)', "A Bug's Life (1998)", 'Nightmare on Elm Street, A (1984)'];

const weights = [requireOrSkip('models', 'stories260K'), requireOrSkip('models', 'all-MiniLM-L6-v2')];

describe.skipIf(weights.some(({ available }) => !available))('an OpenAI-compatible server with real models', () => {
  let server: OpenAiServer;
  let writer: TransformerModel;
  let encoder: MiniLmEncoder;
  let folder: string;
  let env: TestEnvironment;
  const models: LanguageModel[] = [];
  beforeAll(async () => {
    await openTensorBackend({ prefer: 'wasm' });
    writer = await TransformerModel.open(modelFolder('stories260K'));
    encoder = await MiniLmEncoder.open(modelFolder('all-MiniLM-L6-v2'));
    server = await startOpenAiServer(KEY, writer, encoder);
    folder = mkdtempSync(join(tmpdir(), 'tandem-openai-'));
    env = testEnvironment({ folder, clock: systemClock });
    process.env['TANDEM_TEST_MODEL_KEY'] = KEY;
  });
  afterEach(async () => {
    for (const model of models.splice(0)) await model.close?.();
  });
  afterAll(async () => {
    delete process.env['TANDEM_TEST_MODEL_KEY'];
    await server.close();
    writer.dispose();
    rmSync(folder, { recursive: true });
  });

  const hosted = (apiKey: string | { readonly env: string } = { env: 'TANDEM_TEST_MODEL_KEY' }) => {
    const params = { configuration: { baseURL: server.baseURL } };
    return {
      chat: { model: 'openai:stories260K', apiKey, params },
      embeddings: { model: 'openai:all-MiniLM-L6-v2', apiKey, params: { ...params, encodingFormat: 'float' } },
    };
  };
  async function create(options: Parameters<typeof langchain>[0]): Promise<LanguageModel> {
    const model = await make(options, env);
    models.push(model);
    await model.attach(attachment(TITLES));
    return model;
  }

  it('writes free text and gives vectors, recorded and replayed without it', async () => {
    const file = 'exchanges.jsonl';
    const model = await create({ ...hosted(), profiles: true, exchanges: { mode: 'record', file } });
    const words = await model.describe!({ side: 'item', row: 0 });
    expect(words).not.toBe('');
    expect(words).not.toBe(TITLES[0]);
    const { rows, cols, data } = await model.represent!('item', Int32Array.of(0, 1));
    expect([rows, cols]).toEqual([2, 384]);
    // The vector is of the profile, which is what the model wrote.
    const expected = await encoder.encode([words]);
    for (let d = 0; d < cols; d++) expect(data[d]).toBeCloseTo(expected[d], 5);
    expect(env.log.lines.filter(({ level }) => level === 'warn')).toEqual([]);

    const asked = server.requests.length;
    rmSync(join(folder, 'tandem-cache'), { recursive: true });
    const replay = await create({ ...hosted({ env: 'NOT_SET' }), profiles: true, exchanges: { mode: 'replay', file } });
    expect(await replay.describe!({ side: 'item', row: 0 })).toBe(words);
    expect([...(await replay.represent!('item', Int32Array.of(0, 1))).data]).toEqual([...data]);
    expect(server.requests).toHaveLength(asked);
    expect(readFileSync(join(folder, file), 'utf8')).not.toContain(KEY);
  });

  it('ranks by vectors what is near to the past', async () => {
    const model = await create({ embeddings: hosted().embeddings });
    const [near, far] = await model.predict(asking(0), shared(1, 2));
    const [toys, bugs, nightmare] = await Promise.all(TITLES.map((title) => encoder.encode([title])));
    const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, d) => sum + value * b[d], 0);
    expect(near).toBeCloseTo(8 * cosine(toys, bugs), 4);
    expect(far).toBeCloseTo(8 * cosine(toys, nightmare), 4);
  });

  it('that cannot judge is asked twice, and then the prior stands', async () => {
    const asked = server.requests.length;
    const configuration = { baseURL: server.baseURL };
    const made = (): ChatOpenAI => new ChatOpenAI({ model: 'stories260K', apiKey: KEY, maxRetries: 0, configuration });
    const model = await create({ chat: { id: 'stories260K', create: made }, judgements: {} });
    expect([...(await model.predict(asking(0), shared(1, 2)))]).toEqual([0, 0]);
    expect(server.requests.slice(asked)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
    expect(env.log.lines.filter(({ level }) => level === 'warn').map(({ facts }) => facts['code'])).toEqual([
      'TANDEM_MODEL_ANSWER_INVALID',
    ]);
  });

  it('refuses a wrong key, which is in no message', async () => {
    const wrong = 'wrong-key-abcdefgh';
    const error: unknown = await create({ embeddings: hosted(wrong).embeddings, cache: false }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'TANDEM_MODEL_UNAVAILABLE' });
    expect((error as Error).message).toContain('401');
    expect(JSON.stringify([(error as Error).message, error, env.log.lines])).not.toContain(wrong);
  });
});
