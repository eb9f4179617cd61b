import { TextTokenizer, type SentenceEncoder } from '@tandem-rec/language';
import { RecordingLog, SteppingClock } from '@tandem-rec/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { tinyBert } from '../../test/tiny-bert.ts';
import { cutText } from './cut-text.ts';
import { TextVectors } from './text-vectors.ts';

/** A vector says how long its text is; every call takes some time. */
class Measuring implements SentenceEncoder {
  readonly id = 'measuring';
  readonly dim = 2;
  readonly calls: (readonly string[])[] = [];
  readonly clock = new SteppingClock();

  async encode(texts: readonly string[]): Promise<Float32Array> {
    this.calls.push(texts);
    this.clock.advance(1000);
    return Float32Array.from(texts.flatMap(({ length }) => [length, -length]));
  }
}

let tokenizer: TextTokenizer;
beforeAll(async () => {
  tokenizer = await TextTokenizer.open(tinyBert);
});

describe('TextVectors', () => {
  it('encodes what occurs twice once, the short first, and gives everybody their own', async () => {
    const encoder = new Measuring();
    const vectors = new TextVectors(encoder, tokenizer, { batch: 2 }, environment(encoder));
    const texts = ['ccc', 'a', 'ccc', 'bb', 'a', 'dddd', 'a'];
    expect([...(await vectors.of(texts))]).toEqual(texts.flatMap(({ length }) => [length, -length]));
    expect(encoder.calls).toEqual([
      ['a', 'bb'],
      ['ccc', 'dddd'],
    ]);
  });

  it('says how far it is and how long it takes, every few seconds, and nothing of what is quick', async () => {
    const encoder = new Measuring();
    const env = environment(encoder);
    const vectors = new TextVectors(encoder, tokenizer, { batch: 10 }, env);
    await vectors.of(Array.from({ length: 120 }, (_, i) => `text ${i}`));
    expect(env.log.lines.map(({ message, facts }) => [message, facts])).toEqual([
      ['Encoding texts', { done: 50, of: 120, perSecond: 10, secondsLeft: 7 }],
      ['Encoding texts', { done: 100, of: 120, perSecond: 10, secondsLeft: 2 }],
      ['Encoded texts', { texts: 120, seconds: 12 }],
    ]);
    await vectors.of(['one']);
    expect(env.log.lines).toHaveLength(3);
  });

  it('stops between two batches', async () => {
    const encoder = new Measuring();
    const stop = new AbortController();
    const vectors = new TextVectors(encoder, tokenizer, { batch: 1 }, environment(encoder));
    const work = vectors.of(['a', 'b', 'c'], stop.signal);
    stop.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(encoder.calls).toHaveLength(1);
  });
});

describe('cutText', () => {
  it('leaves the longest beginning of so many tokens', () => {
    const tokens = (text: string): number => tokenizer.encode(text).length;
    expect(cutText('a b c', tokenizer, 3)).toBe('a b c');
    expect(cutText('a b c d', tokenizer, 3).trim()).toBe('a b c');
    expect(cutText('', tokenizer, 3)).toBe('');
    const long = cutText(`${' '.repeat(500)}${'a b '.repeat(30_000)}`, tokenizer, 7);
    expect([tokens(long), tokens(`${long}b`)]).toEqual([7, 8]);
  });
});

/** A clock that the encoder's work moves. */
const environment = ({ clock }: Measuring) => ({ log: new RecordingLog(), clock });
