import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { MiniLmEncoder } from './mini-lm-encoder.ts';

interface Reference {
  readonly sentences: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly normalised_first8: readonly number[];
  }[];
  readonly cosine: readonly (readonly number[])[];
}

const folder = modelFolder('all-MiniLM-L6-v2');
const weights = requireOrSkip('models', 'all-MiniLM-L6-v2');

describe.skipIf(!weights.available)('MiniLmEncoder on all-MiniLM-L6-v2', () => {
  const { sentences, cosine } = weights.available
    ? (JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as Reference)
    : { sentences: [], cosine: [] };
  let encoder: MiniLmEncoder;
  let vectors: Float32Array;
  const vector = (i: number): Float32Array => vectors.subarray(i * encoder.dim, (i + 1) * encoder.dim);

  beforeAll(async () => {
    encoder = await MiniLmEncoder.open(folder);
    vectors = await encoder.encode(sentences.map(({ text }) => text));
  }, 60_000);

  it('cuts texts into the reference’s tokens', () => {
    for (const { text, ids } of sentences) expect([...encoder.tokenIds(text)]).toEqual(ids);
  });

  it('gives the reference’s vectors within 1e-4', () => {
    for (const [i, { normalised_first8 }] of sentences.entries())
      for (const [d, value] of normalised_first8.entries()) expect(Math.abs(vector(i)[d] - value)).toBeLessThan(1e-6);
    for (const [i, row] of cosine.entries())
      for (const [j, value] of row.entries())
        expect(Math.abs(vector(i).reduce((sum, x, d) => sum + x * vector(j)[d], 0) - value)).toBeLessThan(1e-6);
  });

  it('gives a text the same bits alone and in company', async () => {
    const alone = await encoder.encode([sentences[1].text]);
    expect(alone).toEqual(vector(1).slice());
    const crowd = await encoder.encode(Array.from({ length: 70 }, (_, i) => sentences[i % sentences.length].text));
    expect(crowd.subarray(61 * encoder.dim, 62 * encoder.dim)).toEqual(vector(61 % sentences.length));
  });

  it('cuts a long text at the model’s maximum, and takes an empty one', async () => {
    const ids = encoder.tokenIds('word '.repeat(1000));
    expect(ids.length).toBe(256);
    expect([ids[0], ids[255]]).toEqual([101, 102]);
    expect((await encoder.encode([''])).every(Number.isFinite)).toBe(true);
  });

  it('stops when it is told to', async () => {
    await expect(
      encoder.encode(
        sentences.map(({ text }) => text),
        AbortSignal.abort(new Error('enough')),
      ),
    ).rejects.toThrow('enough');
  });
});
