import { tf } from '@tandem-rec/compute';
import { it } from 'vitest';
import { expectClose } from '../../test/fixtures.ts';
import { onEveryBackend } from '../../test/tensor-backends.ts';
import { ACTIVATION_NAMES, ACTIVATIONS } from './activations.ts';

const X = [-200, -40, -14, -3, -1.5, -0.5, 0.5, 1, 2.5, 14, 40, 200];
const H = 1 / 64;

onEveryBackend('activations', () => {
  it.each(ACTIVATION_NAMES)('%s has the slope that its values say, far from 0 as well', (name) => {
    const activate = ACTIVATIONS[name];
    const at = (shift: number): tf.Tensor2D =>
      tf.tensor2d(
        X.map((x) => x + shift),
        [X.length, 1],
      );
    const valuesAt = (shift: number): ArrayLike<number> => tf.tidy(() => activate(at(shift)).dataSync());
    const [above, below] = [valuesAt(H), valuesAt(-H)];
    const slopes = tf.tidy(() =>
      tf
        .grad((x) => activate(x as tf.Tensor2D))(at(0))
        .dataSync(),
    );
    // Single precision rounds the values at 200 to 1e-5, and the quotient to 1e-3.
    expectClose(
      slopes,
      X.map((_, i) => (above[i] - below[i]) / (2 * H)),
      2e-3,
    );
  });

  it('gelu is x Φ(x)', () => {
    const values = tf.tidy(() => ACTIVATIONS.gelu(tf.tensor2d([-40, -2, -1, 0, 1, 2, 40], [7, 1])).dataSync());
    // Φ(1) = 0.841344746, Φ(2) = 0.977249868.
    expectClose(values, [0, -0.045500264, -0.158655254, 0, 0.841344746, 1.954499736, 40], 2e-6);
  });
});
