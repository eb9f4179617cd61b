import { beforeAll, describe, expect, it } from 'vitest';
import { DenseParameters, type DenseOptions, type LossFunction } from './dense-parameters.ts';
import { openTensorBackend } from './tensor-backend.ts';
import { tf } from './tf.ts';

beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

/** Σ (w · x + b − y)², with x an input. */
const squares: LossFunction = ({ w, b }, { x }) => {
  const errors = tf.sub(tf.add(tf.matMul(x, w), b), tf.tensor2d([1, -2], [2, 1]));
  const loss = tf.sum(tf.square(errors)) as tf.Scalar;
  return { loss, report: { bias: tf.sum(b) } };
};
const x = { data: Float32Array.of(1, 2, 3, -1), shape: [2, 2] };

function parameters(options: Partial<DenseOptions> = {}): DenseParameters {
  const dense = new DenseParameters({ learningRate: 0.05, ...options });
  dense.declare('w', [2, 1], (into) => into.set([0.5, -0.25]));
  dense.declare('b', [1]);
  return dense;
}

function copyOf(dense: DenseParameters): ReturnType<DenseParameters['save']> {
  return dense.save().map((array) => ({ ...array, data: array.data.slice() }) as typeof array);
}

describe('DenseParameters', () => {
  it('gives the loss, what it reports, and the gradients of inputs', () => {
    // Errors: (0.5 − 0.5) − 1 = −1 and (1.5 + 0.25) + 2 = 3.75; d/dx = 2 · error · w.
    const { loss, report, inputGradients } = parameters().step(squares, { x });
    expect(loss).toBeCloseTo(1 + 3.75 ** 2, 5);
    expect(report).toEqual({ bias: 0 });
    expect([...inputGradients['x']]).toEqual([-1, 0.5, 3.75, -1.875]);
  });

  it('follows Adam as TensorFlow.js does', () => {
    const dense = parameters();
    const adam = tf.train.adam(0.05, 0.9, 0.999, 1e-8);
    const [w, b] = [tf.variable(tf.tensor2d([0.5, -0.25], [2, 1])), tf.variable(tf.zeros([1]))];
    for (let i = 0; i < 25; i++) {
      dense.step(squares, { x });
      adam.minimize(() => {
        const value = squares({ w, b }, { x: tf.tensor2d(x.data, [2, 2]) });
        return value instanceof tf.Tensor ? value : value.loss;
      });
    }
    const expected = [...w.dataSync(), ...b.dataSync()];
    [...dense.get('w'), ...dense.get('b')].forEach((value, i) => expect(value).toBeCloseTo(expected[i], 3));
    tf.dispose([w, b]);
    adam.dispose();
  });

  it('takes its settings from the longest prefix, decay apart from the gradient', () => {
    const dense = parameters({
      learningRate: 0.1,
      groups: { w: { learningRate: 0, weightDecay: 9 }, 'w/still': { learningRate: 0.5 } },
    });
    dense.declare('w/still', [1], (into) => into.fill(2));
    dense.declare('decays', [1], (into) => into.fill(2));
    dense.step(({ w, 'w/still': still }) => tf.add(tf.sum(w), tf.sum(tf.mul(still, 0))) as tf.Scalar);
    expect([...dense.get('w')]).toEqual([0.5, -0.25]);
    const decaying = new DenseParameters({ learningRate: 0.1, weightDecay: 0.5 });
    decaying.declare('v', [1], (into) => into.fill(2));
    decaying.step(({ v }) => tf.sum(tf.mul(v, 0)) as tf.Scalar);
    expect(decaying.get('v')[0]).toBeCloseTo(1.9, 6);
  });

  it('keeps still what the loss does not depend on', () => {
    const dense = parameters();
    const before = [...dense.get('b')];
    const { inputGradients } = dense.step(({ w }) => tf.sum(tf.square(w)) as tf.Scalar, { x });
    expect([...dense.get('b')]).toEqual(before);
    expect([...inputGradients['x']]).toEqual([0, 0, 0, 0]);
    expect([...(dense.save().find(({ name }) => name === 'dense/steps')!.data as Int32Array)]).toEqual([1, 0]);
  });

  it('clips all gradients together', () => {
    // SGD would show the scale directly; Adam shows it in the first moment: (1 − β₁) · g.
    const dense = parameters({ clipNorm: 1 });
    dense.step(squares, { x });
    const moments = dense.save().filter(({ name }) => name.endsWith('first-moment'));
    const norm = Math.hypot(...moments.flatMap(({ data }) => [...(data as Float32Array)])) / 0.1;
    expect(norm).toBeCloseTo(1, 5);
  });

  it('goes down the gradient of several losses together, clipped as one', () => {
    const half: LossFunction = (given, inputs) => tf.div((squares(given, inputs) as { loss: tf.Scalar }).loss, 2);
    // Its gradients for both parameters are one tensor's.
    const shared: LossFunction = ({ w, b }) => tf.sum(tf.add(tf.slice(w, [0, 0], [1, 1]), b)) as tf.Scalar;
    const sum: LossFunction = (given, inputs) =>
      tf.add(
        tf.add(half(given, inputs) as tf.Scalar, half(given, inputs) as tf.Scalar),
        shared(given, {}) as tf.Scalar,
      );
    const [whole, parts] = [parameters({ clipNorm: 0.5 }), parameters({ clipNorm: 0.5 })];
    whole.step(sum, { x });
    const steps = parts.accumulatedStep([
      { loss: shared },
      { loss: half, inputs: { x } },
      { loss: half, inputs: { x } },
    ]);
    expect(steps.map(({ loss }) => loss)).toEqual([
      0.5,
      expect.closeTo(15.0625 / 2, 4),
      expect.closeTo(15.0625 / 2, 4),
    ]);
    for (const name of whole.names)
      parts.get(name).forEach((value, i) => expect(value).toBeCloseTo(whole.get(name)[i], 6));
  });

  it('moves in proportion to the rate of a step', () => {
    const [whole, half] = [parameters(), parameters()];
    const before = half.get('w').slice();
    whole.step(squares, { x });
    half.step(squares, { x }, 0.5);
    for (const [i, value] of half.get('w').entries())
      expect(value - before[i]).toBeCloseTo((whole.get('w')[i] - before[i]) / 2, 6);
    expect(half.get('w')).not.toEqual(before);
  });

  it('goes down gradients from elsewhere as down its own, by settings of a parameter’s own, and can forget them', () => {
    const [own, given] = [parameters({ clipNorm: 1 }), parameters({ clipNorm: 1 })];
    for (let i = 0; i < 5; i++) {
      // The gradient that `squares` has: 2 Σ error · x, and 2 Σ error.
      const [w, b] = [given.get('w'), given.get('b')];
      const errors = [w[0] + 2 * w[1] + b[0] - 1, 3 * w[0] - w[1] + b[0] + 2];
      const dw = Float32Array.of(2 * (errors[0] + 3 * errors[1]), 2 * (2 * errors[0] - errors[1]));
      given.descend({ w: dw, b: Float32Array.of(2 * (errors[0] + errors[1])) }, 0.5);
      own.step(squares, { x }, 0.5);
    }
    [...own.get('w'), ...own.get('b')].forEach((value, i) =>
      expect([...given.get('w'), ...given.get('b')][i]).toBeCloseTo(value, 5),
    );
    given.declare('still', [1], undefined, { learningRate: 0 });
    given.declare('fast', [1], undefined, { learningRate: 3 });
    const before = given.get('w').slice();
    given.descend({ still: Float32Array.of(0.1), fast: Float32Array.of(0.1) });
    expect([...given.get('still'), ...given.get('fast')]).toEqual([0, expect.closeTo(-3, 3)]);
    expect(given.get('w')).toEqual(before);
    given.forget('fast');
    given.descend({ fast: Float32Array.of(-0.01) });
    expect(given.get('fast')[0]).toBeCloseTo(0, 3);
    expect(() => given.descend({ fast: Float32Array.of(NaN) })).toThrow(/norm of the gradients/);
    expect(() => given.descend({ other: Float32Array.of(1) })).toThrow(/no parameter other/);
  });

  it('measures without learning', () => {
    const dense = parameters();
    const before = copyOf(dense);
    expect(dense.measure(squares, { x }).loss).toBeCloseTo(15.0625, 4);
    expect(dense.run(({ w }) => [...tf.sum(w).dataSync()])).toEqual([0.25]);
    expect(dense.save()).toEqual(before);
  });

  it('continues from a saved state bit for bit', () => {
    const dense = parameters();
    for (let i = 0; i < 3; i++) dense.step(squares, { x });
    const resumed = parameters();
    resumed.load(copyOf(dense));
    for (let i = 0; i < 5; i++) expect(resumed.step(squares, { x })).toEqual(dense.step(squares, { x }));
    expect(resumed.save()).toEqual(dense.save());
  });

  it('refuses the state of other parameters', () => {
    const other = new DenseParameters({ learningRate: 1 });
    other.declare('w', [1, 2]);
    other.declare('b', [1]);
    expect(() => parameters().load(other.save())).toThrow(expect.objectContaining({ code: 'TANDEM_STATE_MISMATCH' }));
    expect(() => parameters().load([])).toThrow(/saved is none/);
  });

  it('changes nothing when a number is not finite', () => {
    const dense = parameters();
    dense.step(squares, { x });
    const before = copyOf(dense);
    const notFinite = expect.objectContaining({ code: 'TANDEM_NOT_FINITE' });
    expect(() => dense.step(({ w }) => tf.sum(tf.log(tf.mul(w, 0))) as tf.Scalar)).toThrow(notFinite);
    // Finite itself, with the gradient 1 / (2 √0).
    expect(() => dense.step(({ w }) => tf.sum(tf.sqrt(tf.mul(w, 0))) as tf.Scalar)).toThrow(notFinite);
    expect(dense.save()).toEqual(before);
  });

  it('leaves no tensor behind', () => {
    const dense = parameters();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 10; i++) dense.step(squares, { x });
    dense.measure(squares, { x });
    expect(() =>
      dense.step(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(tf.memory().numTensors).toBe(before);
  });
});
