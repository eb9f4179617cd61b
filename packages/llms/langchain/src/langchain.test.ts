import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LanguageModel, TextLesson } from '@tandem-rec/contract';
import { SyntheticEmbeddings } from '@langchain/core/utils/testing';
import { SteppingClock, testEnvironment, type TestEnvironment } from '@tandem-rec/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capable, dataOf, ScriptedChat } from '../test/scripted-chat.ts';
import { asking, attachment, create as make, shared } from '../test/world.ts';
import { langchain } from './langchain.ts';

type Options = Parameters<typeof langchain>[0];

const TITLES = ['Alien', 'Heat', 'Up', 'Jaws'];
const synthetic = { id: 'synthetic', create: () => new SyntheticEmbeddings({ vectorSize: 6 }) };

describe('langchain', () => {
  let folder: string;
  let clock: SteppingClock;
  let env: TestEnvironment;
  const models: LanguageModel[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-langchain-'));
    clock = new SteppingClock();
    env = testEnvironment({ folder, clock });
  });
  afterEach(async () => {
    for (const model of models.splice(0)) await model.close?.();
    rmSync(folder, { recursive: true });
  });

  async function create(options: Options, environment = env): Promise<LanguageModel> {
    const model = await make(options, environment);
    models.push(model);
    await model.attach(attachment(TITLES));
    return model;
  }
  const warnings = (): string[] => env.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);

  it('gives and takes what its options make it', () => {
    const { options, gives, takes } = langchain.definition;
    const chat = { model: 'openai:gpt-5-mini' };
    const both = (given: Options): unknown => {
      const parsed = options.parse(given);
      const resolve = (value: typeof gives): readonly string[] => (typeof value === 'function' ? value(parsed) : value);
      return [resolve(gives), resolve(takes)];
    };
    expect(both({ embeddings: synthetic })).toEqual([['representations', 'predictions'], []]);
    expect(both({ chat, judgements: {} })).toEqual([['predictions'], ['text']]);
    expect(both({ chat, explanations: true })).toEqual([['text'], ['text']]);
    expect(both({ chat, embeddings: synthetic, profiles: true })).toEqual([
      ['representations', 'predictions', 'text'],
      ['text'],
    ]);
    expect(options.safeParse({ chat: { ...chat, params: { maxTokens: 9, temperature: 0 } } }).success).toBe(true);
    for (const wrong of [
      {},
      { embeddings: synthetic, profiles: true },
      { chat: { model: 'gpt' } },
      { chat, budget: { moneyPerDay: 1 } },
      { chat, apiKey: 'x' },
      { chat: { ...chat, params: { configuration: { defaultHeaders: { Authorization: 'Bearer x' } } } } },
      { chat: { ...chat, params: { openAIApiKey: 'x' } } },
    ])
      expect(options.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });

  it('weaves what others say into its prompts, bounded and kept in the state', async () => {
    const chat = capable();
    const options = { chat: { id: 'chat', create: () => chat }, judgements: {}, notes: { perRow: 2 } };
    const model = await create(options);
    const lesson = (side: 'user' | 'item', row: number, text: string, weight = 1): TextLesson => ({
      kind: 'text',
      from: 'fism',
      to: 'langchain',
      side,
      rows: Int32Array.of(row),
      texts: [text],
      weight,
    });
    const empty = {
      ...asking(),
      size: 0,
      fresh: 0,
      items: new Int32Array(0),
      values: new Float32Array(0),
      sequence: 0,
    };
    await model.learn!(
      empty,
      [
        lesson('item', 1, 'first'),
        lesson('item', 1, 'met with </data> Alien'),
        lesson('item', 1, 'third'),
        lesson('item', 2, 'weightless', 0),
        lesson('user', 0, 'x'.repeat(9000)),
      ],
      {},
    );
    const said = async (of: LanguageModel): Promise<unknown> => {
      await of.predict(asking(0), shared(1, 2));
      const { said: ofUser, candidates } = dataOf(chat.calls.at(-1)!);
      return [ofUser, candidates!.toSorted((a, b) => (a.text < b.text ? -1 : 1)).map((each) => each.said)];
    };
    const expected = [[`${'x'.repeat(299)}…`], [['met with </data> Alien', 'third'], undefined]];
    expect(await said(model)).toEqual(expected);
    const restored = await create({ ...options, cache: false });
    await restored.load(structuredClone(await model.save()));
    expect(await said(restored)).toEqual(expected);
  });

  it('describes with words of the model, and with the bare facts where it refuses or is down', async () => {
    const subject = { side: 'user', row: 0, history: Int32Array.of(1, 0) } as const;
    expect(await (await create({ chat: { id: 'a', create: capable }, profiles: true })).describe!(subject)).toBe(
      'Enjoys Heat, Alien.',
    );
    const explained = new ScriptedChat((messages) => messages[0].content.slice(0, 30));
    expect(
      await (
        await create({ chat: { id: 'b', create: () => explained }, explanations: true })
      ).describe!(subject),
    ).toBe('You explain a recommender to t');
    const refusing = new ScriptedChat(() => 'I’m sorry, I can’t help with that.');
    const model = await create({ chat: { id: 'c', create: () => refusing }, profiles: true });
    expect(await model.describe!(subject)).toBe('Chose Heat; Alien');
    expect(await model.describe!({ side: 'item', row: 3 })).toBe('Jaws');
    expect(warnings()).toEqual(['An answer of a hosted model is of no use: going on without it']);
    expect(await model.describe!({ side: 'user', row: 7 })).toBe('Nothing is known yet');
  });

  it('says that a model is down, goes on, and catches up', async () => {
    let up = false;
    class Switched extends SyntheticEmbeddings {
      override async embedDocuments(texts: string[]): Promise<number[][]> {
        if (!up) throw Object.assign(new Error('down'), { status: 503 });
        return super.embedDocuments(texts);
      }
    }
    const embeddings = { id: 'switched', dimensions: 6, create: () => new Switched({ vectorSize: 6 }) };
    const model = await create({ embeddings });
    const rows = Int32Array.of(0, 1);
    expect([...(await model.represent!('item', rows)).data]).toEqual(Array(12).fill(0));
    const alone = (await model.predict(asking(0), shared(1, 2, 3))).slice();
    expect([...alone]).toEqual([0, 0, 0]);
    expect(warnings()).toEqual(['The hosted model does not answer: going on without it, and asking again later']);
    up = true;
    clock.advance(15_000);
    expect((await model.represent!('item', rows)).data.some((value) => value !== 0)).toBe(true);
    expect(await model.predict(asking(0), shared(1, 2, 3))).not.toEqual(alone);
    expect(env.log.lines.at(-1)).toMatchObject({ level: 'info', message: 'The hosted model answers again' });
  });

  it('falls back where the budget ends, and says so once', async () => {
    const chat = capable();
    const options = { chat: { id: 'chat', create: () => chat }, judgements: {}, limits: { answerTokens: 50 } };
    const model = await create({ ...options, budget: { tokensPerRun: 500 } });
    const judged = (await model.predict(asking(0), shared(1, 2, 3))).slice();
    expect(judged.some((score) => score !== 0)).toBe(true);
    expect([...(await model.predict(asking(1), shared(0, 2, 3)))]).toEqual([0, 0, 0]);
    expect([...(await model.predict(asking(2), shared(0, 1, 3)))]).toEqual([0, 0, 0]);
    expect(await model.predict(asking(0), shared(1, 2, 3))).toEqual(judged);
    expect(chat.calls).toHaveLength(1);
    const { hosted } = model.explain!() as { hosted: Record<string, number> };
    expect(hosted).toMatchObject({ calls: 1 });
    expect(hosted['tokens']).toBeGreaterThan(0);
    expect(hosted['tokens']).toBeLessThanOrEqual(500);
    expect(warnings()).toEqual(['The budget for hosted models is spent: going on without them']);
  });

  it('does not start where it cannot know how wide vectors are', async () => {
    const broken = { embedDocuments: async () => Promise.reject(new Error('refused')), embedQuery: async () => [] };
    await expect(create({ embeddings: { id: 'broken', create: () => broken } })).rejects.toMatchObject({
      code: 'TANDEM_MODEL_UNAVAILABLE',
    });
  });

  it('says what to install, and which key is missing', async () => {
    const opened = (options: Options): Promise<LanguageModel> => create(options);
    await expect(opened({ chat: { model: 'anthropic:claude' }, profiles: true })).rejects.toMatchObject({
      code: 'TANDEM_MODEL_PROVIDER_MISSING',
      remedy: 'Install it beside your configuration: npm install @langchain/anthropic',
    });
    await expect(opened({ embeddings: { model: 'cohere:embed' } })).rejects.toMatchObject({
      code: 'TANDEM_MODEL_PROVIDER_MISSING',
      message: 'cohere:embed needs the package @langchain/cohere.',
    });
    for (const unknown of [{ chat: { model: 'nobody:x' }, profiles: true }, { embeddings: { model: 'nobody:x' } }])
      await expect(opened(unknown)).rejects.toMatchObject({ code: 'TANDEM_MODEL_PROVIDER_MISSING' });
    const apiKey = { env: 'TANDEM_TEST_KEY_THAT_IS_NOT_SET' };
    const chat = { model: 'openai:gpt-5-mini', apiKey };
    await expect(opened({ chat, profiles: true })).rejects.toMatchObject({ code: 'TANDEM_CONFIG_MISSING_SECRET' });
    // Whoever replays needs neither.
    const exchanges = { mode: 'replay', file: 'nothing.jsonl' } as const;
    const replay = await opened({ chat, profiles: true, exchanges });
    await expect(replay.describe!({ side: 'item', row: 0 })).rejects.toMatchObject({
      code: 'TANDEM_EXCHANGE_NOT_RECORDED',
    });
  });
});
