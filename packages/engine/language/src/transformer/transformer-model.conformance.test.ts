import { tf } from '@tandem-rec/compute';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, expectedOf, FIXTURES, fixtureFolder, sines } from '../../test/fixtures.ts';
import { onEveryBackend } from '../../test/tensor-backends.ts';
import { KeyValueCache } from './key-value-cache.ts';
import { TransformerModel, type ForwardOptions } from './transformer-model.ts';

onEveryBackend('the forward pass', () => {
  describe.each(FIXTURES)('of a tiny %s', (name) => {
    const expected = expectedOf(name);
    const [size, length] = [expected.ids.length, expected.ids[0].length];
    const ids = Int32Array.from(expected.ids.flat());
    let model: TransformerModel;
    beforeAll(async () => {
      model = await TransformerModel.open(fixtureFolder(name));
    });
    afterAll(() => model.dispose());

    /** States of real positions only. */
    const real = (states: ArrayLike<number>): number[] =>
      expected.lengths.flatMap((count, b) =>
        Array.from(states).slice(b * length * model.width, (b * length + count) * model.width),
      );
    const statesOf = (options: ForwardOptions, rows = ids, count = size): Float32Array =>
      tf.tidy(() =>
        model
          .states({ ids: rows, size: count, length: rows.length / count }, options)
          .dataSync<'float32'>()
          .slice(),
      );

    it('gives transformers’ states and logits, whatever the padding holds', () => {
      const lengths = Int32Array.from(expected.lengths);
      expectClose(real(statesOf({ lengths })), real(expected.states));
      const other = ids.map((id, i) => (i % length < lengths[Math.floor(i / length)] ? id : 5));
      expect(real(statesOf({ lengths }, other))).toEqual(real(statesOf({ lengths })));
      if (expected.logits) {
        const logits = tf.tidy(() => model.logits(model.states({ ids, size, length }, { lengths })).dataSync());
        const vocabulary = model.architecture.vocabulary;
        expectClose(logits.slice(0, length * vocabulary), expected.logits.slice(0, length * vocabulary), 2e-5);
      } else expect(() => model.logits(tf.zeros([1, model.width]))).toThrow(RangeError);
    });

    it.each([true, false])('reads several texts in one line as if each stood alone (causal: %s)', (causal) => {
      const [first, second] = [ids.slice(0, 4), ids.slice(length, length + 3)];
      const alone = [first, second].flatMap((text) =>
        tf.tidy(() => [...model.states({ ids: text, size: 1, length: text.length }, { causal }).dataSync()]),
      );
      // Two lines of eight: the second text stands behind the first, and alone in the middle of the other.
      const line = Int32Array.of(...first, ...second, 0, 0, 0, ...second, 0, 0, 0);
      const starts = Int32Array.of(0, 0, 0, 0, 4, 4, 4, 7, 8, 9, 10, 10, 10, 13, 14, 15);
      const packed = tf.tidy(() =>
        model.states({ ids: line, size: 2, length: 8 }, { causal, starts }).dataSync<'float32'>().slice(),
      );
      const { width } = model;
      expectClose(packed.slice(0, 7 * width), alone);
      expectClose(packed.slice(10 * width, 13 * width), alone.slice(4 * width));
    });

    it('takes soft tokens, and answers their gradient', () => {
      const { softTokens } = expected;
      const [states, gradient] = tf.tidy(() => {
        const embeddings = tf.tensor2d([...softTokens.embeddings], [length, model.width]);
        const forward = (x: tf.Tensor): tf.Tensor2D => model.states({ embeddings: x as tf.Tensor2D, size: 1, length });
        const weights = tf.tensor2d(sines(length * model.width), [length, model.width]);
        const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(forward(x), weights));
        return [forward(embeddings).dataSync(), tf.grad(loss)(embeddings).dataSync()];
      });
      expectClose(states, softTokens.states);
      expectClose(gradient, softTokens.gradient, 1e-4);
    });

    it('has the gradient that differences show', () => {
      const weights = sines(length * model.width);
      const values = Float32Array.from(expected.softTokens.embeddings);
      const loss = (x: tf.Tensor): tf.Scalar =>
        tf.sum(
          tf.mul(
            model.states({ embeddings: x as tf.Tensor2D, size: 1, length }, { causal: true }),
            tf.tensor2d(weights, [length, model.width]),
          ),
        );
      const at = (data: Float32Array): tf.Tensor2D => tf.tensor2d(data, [length, model.width]);
      const gradient = tf.tidy(() => tf.grad(loss)(at(values)).dataSync<'float32'>().slice());
      const step = 1e-2;
      for (const i of [0, 2 * model.width + 1, values.length - 1]) {
        const [above, below] = [step, -step].map((change) => {
          const moved = values.slice();
          moved[i] += change;
          return tf.tidy(() => loss(at(moved)).dataSync()[0]);
        });
        const slope = (above - below) / (2 * step);
        expect(Math.abs(gradient[i] - slope)).toBeLessThan(0.02 * (1 + Math.abs(slope)));
      }
    });

    it('sees backwards only where it is told to', () => {
      const first = (options: ForwardOptions, last: number): Float32Array =>
        statesOf(options, Int32Array.of(3, 7, last), 1).slice(0, 2 * model.width);
      expectClose(first({ causal: true }, 1), first({ causal: true }, 9), 1e-6);
      expect(first({ causal: false }, 1)).not.toEqual(first({ causal: false }, 9));
    });

    it('runs its first layers alone', () => {
      const [none, one, all] = [0, 1, 2].map((layers) => statesOf({ layers }));
      expect(all).toEqual(statesOf({}));
      expect(one).not.toEqual(all);
      expect(none).not.toEqual(one);
    });

    it('goes on from cached keys and values as if it had seen all at once', ({ skip }) => {
      skip(!model.architecture.causal, 'an encoder sees all at once');
      const row = ids.slice(0, length);
      const cache = new KeyValueCache();
      const before = tf.memory().numTensors;
      const parts = [row.slice(0, 3), row.slice(3, 4), row.slice(4)].flatMap((part) => [
        ...statesOf({ cache }, part, 1),
      ]);
      expect(cache.length).toBe(length);
      expectClose(parts, statesOf({}, row, 1), 1e-5);
      cache.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

    it('refuses what it has no place for', () => {
      expect(() => statesOf({}, new Int32Array(17), 1)).toThrow(/17 positions; the model has 16/);
      expect(() => statesOf({}, Int32Array.of(20), 1)).toThrow(/no token 20/);
      expect(() => statesOf({}, Int32Array.of(-1), 1)).toThrow(/no token -1/);
    });
  });

  it('leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const model = await TransformerModel.open(fixtureFolder('llama'));
    tf.tidy(() => model.states({ ids: Int32Array.of(1, 2), size: 1, length: 2 }).dataSync());
    expect(model.bytes).toBe(4 * (2 * 20 * 24 + 24 + 2 * (2 * 24 * 24 + 2 * 24 * 8 + 3 * 24 * 20 + 2 * 24)));
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
