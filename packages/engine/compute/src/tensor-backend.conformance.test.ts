import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireOrSkip } from '@tandem-rec/testing';
import { findNativeTensorFlow } from './native-tensorflow.ts';
import { SeededRng } from './seeded-rng.ts';
import { openTensorBackend, TENSOR_BACKENDS, type TensorBackendName } from './tensor-backend.ts';
import { tf } from './tf.ts';

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;
type Case = readonly [name: string, shapes: readonly (readonly number[])[], operation: Operation];

const ROWS = [2, 0, 2, 4];

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))));
}

function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gain), bias);
}

const matMuls: Case[] = [false, true].flatMap((transA) =>
  [false, true].flatMap((transB): Case[] => {
    const [a, b] = [transA ? [3, 5] : [5, 3], transB ? [7, 3] : [3, 7]];
    const multiply: Operation = (x, y) => tf.matMul(x, y, transA, transB);
    const name = `matMul${transA ? ' Aᵀ' : ''}${transB ? ' Bᵀ' : ''}`;
    return [
      [name, [a, b], multiply],
      [
        `batched ${name}`,
        [
          [2, 3, ...a],
          [2, 3, ...b],
        ],
        multiply,
      ],
    ];
  }),
);

const cases: readonly Case[] = [
  ...matMuls,
  ['gather of rows, some twice', [[5, 3]], (x) => tf.gather(x, tf.tensor1d(ROWS, 'int32'))],
  ['gather along another axis', [[2, 5]], (x) => tf.gather(x, tf.tensor1d(ROWS, 'int32'), 1)],
  ['softmax', [[4, 6]], (x) => tf.softmax(x)],
  ['logSumExp', [[4, 6]], (x) => tf.logSumExp(x, -1)],
  ['layer norm', [[4, 6], [6], [6]], layerNorm],
  ['gelu', [[4, 6]], gelu],
  ['softplus, the way around logSigmoid', [[4, 6]], (x) => tf.neg(tf.softplus(tf.neg(x)))],
  [
    'attention',
    [
      [2, 4, 3],
      [2, 4, 3],
      [2, 4, 3],
    ],
    (q, k, v) => tf.matMul(tf.softmax(tf.matMul(q, k, false, true)), v),
  ],
  ['segment sum', [[4, 3]], (x) => tf.unsortedSegmentSum(x as tf.Tensor2D, tf.tensor1d(ROWS, 'int32'), 6)],
];

function normals(shape: readonly number[], name: string): Float32Array {
  const rng = new SeededRng(11, name);
  return Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => rng.normal());
}

/** Σ weights · operation(inputs), whose gradient exercises every element of the result differently. */
function weighted(operation: Operation, inputs: tf.Tensor[]): tf.Scalar {
  const result = operation(...inputs);
  return tf.sum(tf.mul(result, tf.tensor(normals(result.shape, 'weights'), result.shape)));
}

function evaluate([name, shapes, operation]: Case): {
  readonly forward: Float32Array;
  readonly gradients: Float32Array[];
} {
  return tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.tensor(normals(shape, `${name} ${i}`), [...shape]));
    const forward = operation(...inputs).dataSync() as Float32Array;
    const gradients = tf.grads((...x: tf.Tensor[]) => weighted(operation, x))(inputs);
    return {
      forward: forward.slice(),
      gradients: gradients.map((gradient) => gradient.dataSync().slice() as Float32Array),
    };
  });
}

/** The gradients by central differences. */
function differences([name, shapes, operation]: Case): number[][] {
  const step = 1e-2;
  const inputs = shapes.map((shape, i) => normals(shape, `${name} ${i}`));
  const loss = () =>
    tf.tidy(
      () =>
        weighted(
          operation,
          inputs.map((data, i) => tf.tensor(data, [...shapes[i]])),
        ).dataSync()[0],
    );
  return inputs.map((data) =>
    Array.from(data, (value, d) => {
      data[d] = value + step;
      const above = loss();
      data[d] = value - step;
      const below = loss();
      data[d] = value;
      return (above - below) / (2 * step);
    }),
  );
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const worst = Array.from(actual).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - expected[i]) / (1 + Math.abs(expected[i]))),
    0,
  );
  expect(worst).toBeLessThan(tolerance);
}

const reference = new Map<string, ReturnType<typeof evaluate>>();

beforeAll(async () => {
  await openTensorBackend({ prefer: 'cpu' });
  for (const one of cases) reference.set(one[0], evaluate(one));
});

const native = requireOrSkip('native-tensorflow', findNativeTensorFlow());

describe.each(TENSOR_BACKENDS)('the tensor backend %s', (backend) => {
  describe.skipIf(backend === 'native' && !native.available)('if it is here', () => conformance(backend));
});

function conformance(backend: TensorBackendName): void {
  beforeAll(async () => {
    expect((await openTensorBackend({ prefer: backend })).name).toBe(backend);
  });

  it.each(cases)('computes %s and its gradient', (...one) => {
    const { forward, gradients } = evaluate(one);
    const expected = reference.get(one[0])!;
    expectClose(forward, expected.forward, 1e-5);
    gradients.forEach((gradient, i) => expectClose(gradient, expected.gradients[i], 1e-4));
    differences(one).forEach((gradient, i) => expectClose(gradients[i], gradient, 2e-2));
  });

  it('refuses to gather rows that are not there', () => {
    expect(() => tf.tidy(() => tf.gather(tf.ones([2, 2]), tf.tensor1d([2], 'int32')).dataSync())).toThrow();
  });

  it('keeps no tensor and no memory of what was tidied', () => {
    const work = () => cases.forEach(evaluate);
    work();
    const before = tf.memory();
    for (let i = 0; i < 20; i++) work();
    const after = tf.memory();
    expect([after.numTensors, after.numBytes, after.numDataBuffers]).toEqual([
      before.numTensors,
      before.numBytes,
      before.numDataBuffers,
    ]);
  });

  it('answers the same bits again', () => {
    for (const one of cases) expect(evaluate(one)).toEqual(evaluate(one));
  });
}

describe('the tensor backend', () => {
  it('is the fastest that is here, unless another is preferred', async () => {
    const { name, identity } = await openTensorBackend();
    expect(name).toBe(native.available ? 'native' : 'wasm');
    expect(identity).toMatch(native.available ? /threads 1/ : /tfjs-wasm 4/);
  });
});

describe('matMul, against numbers worked out by hand', () => {
  it('is row by column', () => {
    const product = tf.tidy(() =>
      tf.matMul(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), tf.tensor2d([1, 0, 0, 1, 2, 2], [3, 2])).dataSync(),
    );
    expect([...product]).toEqual([7, 8, 16, 17]);
  });
});

afterAll(() => tf.disposeVariables());
