import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SyntheticEmbeddings } from '@langchain/core/utils/testing';
import { AIMessage } from '@langchain/core/messages';
import { SteppingClock, testEnvironment, type TestEnvironment } from '@tandem-rec/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedChat } from '../../test/scripted-chat.ts';
import { langchainOptions } from '../langchain-options.ts';
import { openChatModel } from '../models/open-chat-model.ts';
import { openEmbeddingModel } from '../models/open-embedding-model.ts';
import type { Question } from '../prompts/question.ts';
import { Gateway } from './gateway.ts';

const ask = (content: string, prompt = 'test@1'): Question => ({ prompt, messages: [{ role: 'user', content }] });
const refusal = (status: number, more: object = {}): Error =>
  Object.assign(new Error(`status ${status}`), { status, ...more });

describe('Gateway', () => {
  let folder: string;
  let clock: SteppingClock;
  let env: TestEnvironment;
  const gateways: Gateway[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-gateway-'));
    clock = new SteppingClock();
    env = testEnvironment({ folder, clock });
  });
  afterEach(() => {
    for (const gateway of gateways.splice(0)) gateway.close();
    rmSync(folder, { recursive: true });
  });

  async function open(chat: ScriptedChat, options: object = {}, environment = env): Promise<Gateway> {
    const parsed = langchainOptions.parse({ chat: { id: 'scripted', create: () => chat }, ...options });
    const parts = {
      chat: await openChatModel(parsed.chat!),
      embeddings: parsed.embeddings && (await openEmbeddingModel(parsed.embeddings)),
    };
    const gateway = new Gateway(parsed, parts, environment);
    gateways.push(gateway);
    return gateway;
  }
  const messages = (level: string): string[] =>
    env.log.lines.filter((line) => line.level === level).map(({ message }) => message);

  it('asks the same question once, also of a later process, and again with another prompt version or model', async () => {
    const chat = new ScriptedChat((_, call) => `answer ${call}`);
    const gateway = await open(chat);
    expect(await Promise.all([gateway.chat(ask('a')), gateway.chat(ask('a'))])).toEqual(['answer 0', 'answer 0']);
    expect(await gateway.chat(ask('a'))).toBe('answer 0');
    expect(await (await open(chat)).chat(ask('a'))).toBe('answer 0');
    expect(chat.calls).toHaveLength(1);
    expect(await gateway.chat(ask('a', 'test@2'))).toBe('answer 1');
    expect(await (await open(chat, { chat: { id: 'other', create: () => chat } })).chat(ask('a'))).toBe('answer 2');
    expect(await (await open(chat, { cache: false })).chat(ask('a'))).toBe('answer 3');
    expect(gateway.usage).toMatchObject({ calls: 2, remembered: 1 });
  });

  it('asks for vectors of new texts only, once each', async () => {
    const seen: string[][] = [];
    class Counting extends SyntheticEmbeddings {
      override async embedDocuments(texts: string[]): Promise<number[][]> {
        seen.push(texts);
        return super.embedDocuments(texts);
      }
    }
    const embeddings = { id: 'synthetic', create: () => new Counting({ vectorSize: 4 }) };
    const gateway = await open(new ScriptedChat(() => ''), { embeddings });
    const [a, b, again] = await gateway.embed(['a', 'b', 'a']);
    expect(again).toEqual(a);
    const [c, remembered] = await gateway.embed(['c', 'b']);
    expect(remembered).toEqual(b);
    expect(c).not.toEqual(b);
    expect(seen).toEqual([['a', 'b'], ['c']]);
    await expect(
      (
        await open(new ScriptedChat(() => ''), {
          embeddings: {
            id: 'broken',
            create: () => ({ embedDocuments: async () => [[1, NaN]], embedQuery: async () => [] }),
          },
        })
      ).embed(['a']),
    ).rejects.toMatchObject({ code: 'TANDEM_MODEL_ANSWER_INVALID' });
  });

  it('replays a recording without the model, and says what is not in it', async () => {
    const file = 'exchanges.jsonl';
    const embeddings = { id: 'synthetic', create: () => new SyntheticEmbeddings({ vectorSize: 4 }) };
    const chat = new ScriptedChat(() => 'recorded');
    const first = await open(chat, { embeddings, exchanges: { mode: 'record', file } });
    await first.chat(ask('a'));
    const [vector] = await first.embed(['text']);
    // What a cache already holds has to be in the recording, too.
    const second = await open(chat, { embeddings, exchanges: { mode: 'record', file: 'second.jsonl' } });
    await second.chat(ask('a'));
    expect(chat.calls).toHaveLength(1);
    expect(readFileSync(join(folder, 'second.jsonl'), 'utf8')).toContain('"answer":"recorded"');

    writeFileSync(join(folder, file), `${readFileSync(join(folder, file), 'utf8')}{"key":"torn`);
    const elsewhere = testEnvironment({ folder });
    rmSync(join(folder, 'tandem-cache'), { recursive: true });
    const down = new ScriptedChat(() => new Error('must not be asked'));
    const replay = await open(down, { embeddings, exchanges: { mode: 'replay', file } }, elsewhere);
    expect(await replay.chat(ask('a'))).toBe('recorded');
    expect(await replay.embed(['text'])).toEqual([vector]);
    await expect(replay.chat(ask('b'))).rejects.toMatchObject({ code: 'TANDEM_EXCHANGE_NOT_RECORDED' });
    await expect(replay.embed(['b'])).rejects.toMatchObject({ code: 'TANDEM_EXCHANGE_NOT_RECORDED' });
    expect(down.calls).toEqual([]);
    expect(elsewhere.log.lines[0]).toMatchObject({ level: 'warn', facts: { line: 3 } });
    // Recording goes on behind the torn line.
    await (await open(chat, { exchanges: { mode: 'record', file }, cache: false })).chat(ask('c'));
    const grown = await open(down, { exchanges: { mode: 'replay', file } });
    expect([await grown.chat(ask('a')), await grown.chat(ask('c'))]).toEqual(['recorded', 'recorded']);
  });

  it('waits as long as a rate limit asks, and with jitter where it says nothing', async () => {
    const retryAfter = new ScriptedChat((_, call) =>
      call === 0 ? refusal(429, { headers: new Headers({ 'retry-after': '20' }) }) : 'ok',
    );
    const began = clock.monotonicMs();
    expect(await (await open(retryAfter)).chat(ask('a'))).toBe('ok');
    expect(clock.monotonicMs() - began).toBe(20_000);
    const date = new Date(clock.nowMs() + 7000).toUTCString();
    const byDate = new ScriptedChat((_, call) =>
      call === 0 ? refusal(503, { headers: { 'Retry-After': date } }) : 'ok',
    );
    const from = clock.monotonicMs();
    await (await open(byDate)).chat(ask('b'));
    expect(clock.monotonicMs() - from).toBeGreaterThan(5500);
    expect(clock.monotonicMs() - from).toBeLessThanOrEqual(7500);
    const twice = new ScriptedChat((_, call) => (call < 2 ? refusal(500) : 'ok'));
    const then = clock.monotonicMs();
    await (await open(twice)).chat(ask('c'));
    // 250 … 500, then 500 … 1000.
    expect(clock.monotonicMs() - then).toBeGreaterThan(750);
    expect(clock.monotonicMs() - then).toBeLessThan(1500);
    expect(messages('warn')).toEqual([]);
  });

  it('does not try again what cannot succeed, and leaves a model that is down alone for a while', async () => {
    let up = false;
    const chat = new ScriptedChat(() => (up ? 'ok' : refusal(401)));
    const gateway = await open(chat);
    for (const word of ['a', 'b', 'c'])
      await expect(gateway.chat(ask(word))).rejects.toMatchObject({
        code: 'TANDEM_MODEL_UNAVAILABLE',
        message: 'scripted does not answer: 401: status 401',
      });
    expect(chat.calls).toHaveLength(1);
    expect(messages('warn')).toHaveLength(1);
    clock.advance(15_000);
    await expect(gateway.chat(ask('a'))).rejects.toThrow('401');
    expect(chat.calls).toHaveLength(2);
    // The second outage lasts twice as long.
    clock.advance(29_000);
    up = true;
    await expect(gateway.chat(ask('a'))).rejects.toThrow('401');
    clock.advance(1000);
    expect(await gateway.chat(ask('a'))).toBe('ok');
    expect([messages('warn').length, messages('info')]).toEqual([1, ['The hosted model answers again']]);
  });

  it('takes failures of calls under way together for one, and a long Retry-After for an outage', async () => {
    const chat = new ScriptedChat(() => refusal(429, { headers: { 'retry-after': '3600' } }));
    const gateway = await open(chat);
    await Promise.allSettled(Array.from({ length: 4 }, (_, i) => gateway.chat(ask(`${i}`))));
    clock.advance(3_599_000);
    await expect(gateway.chat(ask('a'))).rejects.toMatchObject({ code: 'TANDEM_MODEL_UNAVAILABLE' });
    expect(chat.calls).toHaveLength(4);
    clock.advance(1000);
    await expect(gateway.chat(ask('a'))).rejects.toMatchObject({ code: 'TANDEM_MODEL_UNAVAILABLE' });
    expect(chat.calls).toHaveLength(5);
    expect(messages('warn')).toHaveLength(1);
  });

  it('goes on asking where one question was refused', async () => {
    const chat = new ScriptedChat((_, call) => (call === 0 ? refusal(400) : 'ok'));
    const gateway = await open(chat);
    await expect(gateway.chat(ask('a'))).rejects.toMatchObject({ code: 'TANDEM_MODEL_ANSWER_INVALID' });
    expect(await gateway.chat(ask('b'))).toBe('ok');
  });

  it('gives up an answer that takes too long, from a model that does not listen', async () => {
    const chat = new ScriptedChat(async () => {
      await delay(2000, undefined, { ref: false });
      return 'late';
    });
    const gateway = await open(chat, { limits: { timeoutMs: 20, attempts: 2 } });
    await expect(gateway.chat(ask('a'))).rejects.toThrow('no answer within 20 ms');
    expect(chat.calls).toHaveLength(2);
  });

  it('ends with the reason of an abort', async () => {
    const aborting = new AbortController();
    const chat = new ScriptedChat(() => {
      aborting.abort(new Error('the run stops'));
      return refusal(500);
    });
    const gateway = await open(chat, {}, testEnvironment({ folder, clock, signal: aborting.signal }));
    await expect(gateway.chat(ask('a'))).rejects.toThrow('the run stops');
    await expect(gateway.chat(ask('b'))).rejects.toThrow('the run stops');
    expect(chat.calls).toHaveLength(1);
  });

  it('asks so many at a time, and so many and so much a minute', async () => {
    let [now, most] = [0, 0];
    const busy = new ScriptedChat(async () => {
      most = Math.max(most, ++now);
      await delay(2);
      now--;
      return 'ok';
    });
    const gateway = await open(busy, { limits: { concurrency: 3 } });
    await Promise.all(Array.from({ length: 12 }, (_, i) => gateway.chat(ask(`${i}`))));
    expect([most, busy.calls.length]).toEqual([3, 12]);

    const quick = new ScriptedChat(() => 'ok');
    const began = clock.monotonicMs();
    const requests = await open(quick, { limits: { requestsPerMinute: 10 } });
    await Promise.all(Array.from({ length: 30 }, (_, i) => requests.chat(ask(`r${i}`))));
    // Ten at once, twenty more at one in six seconds.
    expect(clock.monotonicMs() - began).toBe(120_000);
    const from = clock.monotonicMs();
    const tokens = await open(quick, { limits: { tokensPerMinute: 1000, answerTokens: 99 } });
    await Promise.all(Array.from({ length: 30 }, (_, i) => tokens.chat(ask(`t${i}`))));
    expect(clock.monotonicMs() - from).toBe(120_000);
  });

  it('spends no more than its budget, a run and a day, in tokens and in money', async () => {
    const usage_metadata = { input_tokens: 50, output_tokens: 50, total_tokens: 100 };
    const chat = new ScriptedChat(() => new AIMessage({ content: 'ok', usage_metadata }));
    const limits = { answerTokens: 99 };
    const perRun = await open(chat, { limits, budget: { tokensPerRun: 250 } });
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => perRun.chat(ask(`${i}`))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'TANDEM_BUDGET_SPENT' } });
    expect(perRun.usage).toMatchObject({ tokens: 200 });
    expect(messages('warn')).toEqual(['The budget for hosted models is spent: going on without them']);
    // What is known costs nothing.
    expect(await perRun.chat(ask('0'))).toBe('ok');

    const prices = { inputPerMillion: 10_000, outputPerMillion: 30_000 };
    const priced = { chat: { id: 'scripted', create: () => chat, prices }, limits };
    const perDay = await open(chat, { ...priced, budget: { tokensPerDay: 450, moneyPerDay: 9 } });
    await perDay.chat(ask('d1'));
    expect(perDay.usage).toMatchObject({ tokens: 100, money: 2 });
    const other = await open(chat, { ...priced, budget: { tokensPerDay: 450 } });
    await other.chat(ask('d2'));
    await expect(other.chat(ask('d3'))).rejects.toThrow('budget.tokensPerDay, 450');
    clock.advance(86_400_000);
    expect(await other.chat(ask('d3'))).toBe('ok');
    const money = await open(chat, { ...priced, budget: { moneyPerRun: 4 } });
    await expect(money.chat(ask('m'.repeat(400)))).resolves.toBe('ok');
    await expect(money.chat(ask('n'))).rejects.toThrow('budget.moneyPerRun, 4');
  });

  it('shows no key, wherever a provider puts it', async () => {
    const leaking = new ScriptedChat(() =>
      Object.assign(new Error('Incorrect API key provided: sk-proj-abcdef123456, Bearer abc.def'), { status: 401 }),
    );
    const gateway = await open(leaking);
    const error: unknown = await gateway.chat(ask('a')).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toContain('Incorrect API key provided: <redacted>');
    const shown = JSON.stringify([error, (error as Error).message, (error as Error).cause, env.log.lines]);
    expect(shown).not.toMatch(/abcdef|abc\.def/);
  });

  it('goes on without a cache folder', async () => {
    writeFileSync(join(folder, 'tandem-cache'), 'a file is in the way');
    const chat = new ScriptedChat(() => 'ok');
    const gateway = await open(chat);
    expect([await gateway.chat(ask('a')), await gateway.chat(ask('a'))]).toEqual(['ok', 'ok']);
    expect([chat.calls.length, messages('warn').length]).toEqual([1, 1]);
  });
});
