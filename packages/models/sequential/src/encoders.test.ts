import { DenseParameters, openTensorBackend, SeededRng, tf } from '@tandem-rec/compute';
import { beforeAll, describe, expect, it } from 'vitest';
import { Bert4RecEncoder } from './bert4rec-encoder.ts';
import { bert4rec } from './bert4rec.ts';
import { Dropout } from './dropout.ts';
import { SasrecEncoder } from './sasrec-encoder.ts';
import { sasrec } from './sasrec.ts';
import { padded } from './sequence-batch.ts';
import type { EncoderFactory } from './sequence-encoder.ts';

const DIM = 8;
const sasrecOptions = sasrec.definition.options.parse({ dim: DIM, maxLength: 6 });
const bertOptions = bert4rec.definition.options.parse({ dim: DIM, maxLength: 6 });

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

/** States of sequences whose item i has the vector (i, i², …) / 10, `B × L × d` each. */
function encoderOf(factory: EncoderFactory): (sequences: readonly number[][]) => number[][][] {
  const dense = new DenseParameters({ learningRate: 1 });
  const encoder = factory(dense, new SeededRng(1));
  return (sequences) => {
    const batch = padded(sequences.map((items) => Int32Array.from(items)));
    const vectors = Array.from(batch.tokens, (item) =>
      Array.from({ length: DIM }, (_, d) => (item < 0 ? 0 : Math.sin(item * (d + 1)))),
    );
    const states = dense.run((weights) =>
      encoder.encode(weights, tf.tensor3d(vectors.flat(), [batch.size, batch.length, DIM]), batch, new Dropout(0, 0)),
    );
    return states.arraySync();
  };
}

const closeTo = (a: number[], b: number[]): boolean => a.every((value, d) => Math.abs(value - b[d]) < 1e-5);

describe('SASRec', () => {
  const encode = encoderOf((dense, rng) => new SasrecEncoder(sasrecOptions, dense, rng));

  it('does not see what comes later, nor its neighbours, nor padding', () => {
    const [one] = encode([[1, 2, 3, 4]]);
    const [, other] = encode([
      [5, 5, 5, 5, 5, 5],
      [1, 2, 9],
    ]);
    expect(closeTo(one[0], other[0])).toBe(true);
    expect(closeTo(one[1], other[1])).toBe(true);
    expect(closeTo(one[2], other[2])).toBe(false);
  });

  it('sees what came before, and in which order', () => {
    const [[, , a], [, , b], [, , c]] = encode([
      [1, 2, 3],
      [4, 2, 3],
      [2, 1, 3],
    ]);
    expect(closeTo(a, b)).toBe(false);
    expect(closeTo(a, c)).toBe(false);
  });
});

describe('BERT4Rec', () => {
  const encode = encoderOf((dense, rng) => new Bert4RecEncoder(bertOptions, dense, rng));

  it('sees both sides, but not padding', () => {
    const [alone] = encode([[1, 2, 3]]);
    const [beside] = encode([
      [1, 2, 3],
      [5, 5, 5, 5, 5, 5],
    ]);
    const [later] = encode([[1, 2, 4]]);
    for (let t = 0; t < 3; t++) expect(closeTo(alone[t], beside[t])).toBe(true);
    expect(closeTo(alone[0], later[0])).toBe(false);
  });
});
