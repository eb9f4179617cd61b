import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { TextTokenizer } from './text-tokenizer.ts';

interface Reference {
  readonly tokenizer_cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
}

const minilm = requireOrSkip('models', 'all-MiniLM-L6-v2');
const stories = requireOrSkip('models', 'stories260K');

describe.skipIf(!stories.available)('TextTokenizer of stories260K', () => {
  let tokenizer: TextTokenizer;
  beforeAll(async () => {
    tokenizer = await TextTokenizer.open(modelFolder('stories260K'));
  });

  it('cuts awkward texts into the reference’s tokens, and back', () => {
    const path = join(modelFolder('stories260K'), 'reference.json');
    const { tokenizer_cases: cases } = JSON.parse(readFileSync(path, 'utf8')) as Reference;
    for (const { text, ids, decoded } of cases) {
      expect([...tokenizer.encode(text)], text).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
  });

  it('knows its special tokens, and takes spelled ones for letters where it is told to', () => {
    expect([tokenizer.size, tokenizer.bosId, tokenizer.eosId, tokenizer.padId]).toEqual([512, 1, 2, undefined]);
    const title = 'Tim</s> end';
    expect([...tokenizer.encode(title)]).toContain(2);
    const literal = tokenizer.encode(title, { spelledSpecial: false });
    expect([...literal]).not.toContain(2);
    expect(literal[0]).toBe(1);
    expect(tokenizer.decode(literal)).toBe(title);
    expect([...tokenizer.encode('Tim', { special: false })]).not.toContain(1);
  });

  it('cuts at the limit of the file or of the call', () => {
    const long = 'word '.repeat(20_000);
    expect(tokenizer.encode(long).length).toBe(512);
    const short = tokenizer.encode(long, { maxTokens: 4 });
    expect([...short]).toEqual([...tokenizer.encode(long)].slice(0, 4));
  });
});

describe.skipIf(!minilm.available)('TextTokenizer of all-MiniLM-L6-v2', () => {
  let tokenizer: TextTokenizer;
  beforeAll(async () => {
    tokenizer = await TextTokenizer.open(modelFolder('all-MiniLM-L6-v2'), 128);
  });

  it('keeps [CLS] and [SEP] around a text that is cut', () => {
    const ids = tokenizer.encode('word '.repeat(20_000));
    expect([ids.length, ids[0], ids[127]]).toEqual([128, 101, 102]);
    expect([...tokenizer.encode('word word', { maxTokens: 3 })]).toEqual([101, 2773, 102]);
    expect([...tokenizer.encode('')]).toEqual([101, 102]);
  });

  it('takes what is no text', () => {
    expect([...tokenizer.encode('\ud800 lone \udc00')]).toEqual([...tokenizer.encode('\ufffd lone \ufffd')]);
    expect([...tokenizer.encode('a\u0000b')]).toEqual([...tokenizer.encode('ab')]);
  });

  it('takes a spelled [SEP] for letters where it is told to', () => {
    expect([...tokenizer.encode('a [SEP] b')].filter((id) => id === 102).length).toBe(2);
    expect([...tokenizer.encode('a [SEP] b', { spelledSpecial: false })].filter((id) => id === 102).length).toBe(1);
  });
});
