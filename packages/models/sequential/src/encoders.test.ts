import { DenseParameters, Dropout, openTensorBackend, SeededRng, tf } from '@tandem-rec/compute';
import { beforeAll, describe, expect, it } from 'vitest';
import { Bert4RecEncoder } from './bert4rec-encoder.ts';
import { bert4rec } from './bert4rec.ts';
import { CaserEncoder } from './caser-encoder.ts';
import { caser } from './caser.ts';
import { Gru4RecEncoder } from './gru4rec-encoder.ts';
import { gru4rec } from './gru4rec.ts';
import { SasrecEncoder } from './sasrec-encoder.ts';
import { sasrec } from './sasrec.ts';
import { padded } from './sequence-batch.ts';
import type { EncoderFactory } from './sequence-encoder.ts';

const DIM = 8;
const sasrecOptions = sasrec.definition.options.parse({ dim: DIM, maxLength: 6 });
const gruOptions = gru4rec.definition.options.parse({ dim: DIM, maxLength: 6, hidden: 5, layers: 2 });
const caserOptions = caser.definition.options.parse({ dim: DIM, maxLength: 6, window: 3 });
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

const CAUSAL: readonly (readonly [string, EncoderFactory])[] = [
  ['SASRec', (dense, rng) => new SasrecEncoder(sasrecOptions, dense, rng)],
  ['GRU4Rec', (dense, rng) => new Gru4RecEncoder(gruOptions, dense, rng)],
  ['Caser', (dense, rng) => new CaserEncoder(caserOptions, dense, rng)],
];

describe.each(CAUSAL)('%s', (_, factory) => {
  const encode = encoderOf(factory);

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

  it('encodes some positions alone as it encodes all', () => {
    const dense = new DenseParameters({ learningRate: 1 });
    const encoder = new Bert4RecEncoder(bertOptions, dense, new SeededRng(1));
    const batch = padded([Int32Array.of(1, 2), Int32Array.of(3, 4, 5), Int32Array.of(6, 7, 8)]);
    const places = Int32Array.of(1, 6, 8);
    const [all, some] = dense
      .run((weights) => {
        const x = tf.tensor3d(
          Float32Array.from({ length: 9 * DIM }, (_, i) => Math.sin(i * i)),
          [3, 3, DIM],
        );
        const states = tf.reshape(encoder.encode(weights, x, batch, new Dropout(0, 0)), [9, DIM]);
        return tf.stack([
          tf.gather(states, tf.tensor1d(places, 'int32')),
          encoder.encodeAt(places, weights, x, batch, new Dropout(0, 0)),
        ]) as tf.Tensor3D;
      })
      .arraySync();
    for (const i of places.keys()) expect(closeTo(all[i], some[i])).toBe(true);
    expect(closeTo(all[0], all[1])).toBe(false);
  });

  it('counts places from the end', () => {
    const dense = new DenseParameters({ learningRate: 1 });
    const encoder = new Bert4RecEncoder(bertOptions, dense, new SeededRng(1));
    const batch = padded([Int32Array.of(1, 1, 1), Int32Array.of(1, 1, 1, 1, 1)]);
    const onlyFirst = tf.tensor2d(
      [
        ...Array(DIM)
          .fill(1)
          .fill(-1, DIM / 2),
        ...Array(5 * DIM).fill(0),
      ],
      [6, DIM],
    );
    const x = tf.ones([batch.size, batch.length, DIM]) as tf.Tensor3D;
    const states = dense.run((weights) => encoder.encode({ ...weights, P: onlyFirst }, x, batch, new Dropout(0, 0)));
    for (const [b, of] of states.arraySync().entries()) {
      const last = batch.lengths[b] - 1;
      expect(closeTo(of[0], of[last - 1])).toBe(true);
      expect(closeTo(of[0], of[last])).toBe(false);
    }
  });
});

describe('Caser', () => {
  it('forgets what lies before its window', () => {
    const encode = encoderOf((dense, rng) => new CaserEncoder(caserOptions, dense, rng));
    const [one, other] = encode([
      [1, 2, 3, 4],
      [9, 2, 3, 4],
    ]);
    expect(closeTo(one[3], other[3])).toBe(true);
    expect(closeTo(one[2], other[2])).toBe(false);
  });

  it('convolves as written out by hand', () => {
    const W = 2;
    const dense = new DenseParameters({ learningRate: 1 });
    const options = caser.definition.options.parse({ dim: 2, window: W, horizontal: 3, vertical: 2 });
    const encoder = new CaserEncoder(options, dense, new SeededRng(2));
    const E = [
      [0.3, -0.7],
      [0.9, 0.2],
    ];
    const [state] = dense.run((weights) =>
      encoder.encode(weights, tf.tensor3d([E]), padded([Int32Array.of(0, 1)]), new Dropout(0, 0)).arraySync(),
    );
    const product = (name: string, x: readonly number[], outputs: number): number[] => {
      const [weight, bias] = [dense.get(`${name}/weight`), dense.get(`${name}/bias`)];
      return Array.from({ length: outputs }, (_, k) =>
        x.reduce((sum, value, d) => sum + value * weight[d * outputs + k], bias[k]),
      );
    };
    const relu = (x: readonly number[]): number[] => x.map((value) => Math.max(0, value));
    const most = (a: readonly number[], b: readonly number[]): number[] => a.map((value, k) => Math.max(value, b[k]));
    const single = most(relu(product('horizontal/1', E[0], 3)), relu(product('horizontal/1', E[1], 3)));
    const pair = relu(product('horizontal/2', E.flat(), 3));
    const F = dense.get('vertical');
    const vertical = [0, 1].flatMap((k) => [0, 1].map((d) => F[k * W] * E[0][d] + F[k * W + 1] * E[1][d]));
    const expected = product('output', relu(product('joint', [...single, ...pair, ...vertical], 2)), 2);
    for (const [d, value] of expected.entries()) expect(state[1][d]).toBeCloseTo(value, 5);
  });
});

describe('GRU4Rec', () => {
  it('steps as written out by hand', () => {
    const dense = new DenseParameters({ learningRate: 1 });
    const [D, H] = [3, 4];
    const options = gru4rec.definition.options.parse({ dim: D, hidden: H });
    const encoder = new Gru4RecEncoder(options, dense, new SeededRng(3));
    const x = [
      [0.5, -1, 0.3],
      [0.1, 0.8, -0.6],
      [-0.4, 0.2, 0.7],
    ];
    const [states] = dense.run((weights) =>
      encoder.encode(weights, tf.tensor3d([x]), padded([Int32Array.of(0, 1, 2)]), new Dropout(0, 0)).arraySync(),
    );
    const product = (name: string, of: readonly number[], k: number, outputs: number): number =>
      of.reduce((sum, value, d) => sum + value * dense.get(`1/${name}/weight`)[d * outputs + k], 0);
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    let h = [0, 0, 0, 0];
    for (const x_t of x.map((row) => row.map((value) => value * Math.sqrt(D)))) {
      const past = h;
      const gate = (part: number, k: number): number =>
        sigmoid(product('input', x_t, part * H + k, 3 * H) + product('gates', past, part * H + k, 2 * H));
      const r = past.map((_, k) => gate(0, k));
      const z = past.map((_, k) => gate(1, k));
      const reset = past.map((value, k) => r[k] * value);
      const candidate = past.map((_, k) =>
        Math.tanh(product('input', x_t, 2 * H + k, 3 * H) + product('candidate', reset, k, H)),
      );
      h = past.map((value, k) => (1 - z[k]) * value + z[k] * candidate[k]);
    }
    const output = dense.get('output/weight');
    const y = [0, 1, 2].map((d) => h.reduce((sum, value, k) => sum + value * output[k * D + d], 0));
    const mean = y.reduce((sum, value) => sum + value, 0) / D;
    const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D;
    for (const d of [0, 1, 2]) expect(states[2][d]).toBeCloseTo((y[d] - mean) / Math.sqrt(variance + 1e-5), 4);
  });
});
