import { gelu as evaluateGelu, tf, type DenseParameters, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';

/** Fills with a normal distribution. */
export const normal =
  (rng: Rng, deviation: number) =>
  (into: Float32Array): void => {
    for (let i = 0; i < into.length; i++) into[i] = deviation * rng.normal();
  };

/** Fills as Glorot and Bengio (2010), uniformly. */
export const glorot =
  (rng: Rng, inputs: number, outputs: number) =>
  (into: Float32Array): void => {
    const bound = Math.sqrt(6 / (inputs + outputs));
    for (let i = 0; i < into.length; i++) into[i] = bound * (2 * rng.next() - 1);
  };

/** Declares the weights of `linear`. */
export function declareLinear(dense: DenseParameters, name: string, inputs: number, outputs: number, rng: Rng): void {
  dense.declare(`${name}/weight`, [inputs, outputs], glorot(rng, inputs, outputs));
  dense.declare(`${name}/bias`, [outputs]);
}

/** x W + b, `n × inputs` to `n × outputs`. */
export const linear = (weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.matMul(x, weights[`${name}/weight`] as tf.Tensor2D), weights[`${name}/bias`]);

/** x Φ(x) (Hendrycks and Gimpel, 2016). */
export const gelu = <T extends tf.Tensor>(x: T): T => activated(x) as T;

/** By the kernel that gives value and slope at once. */
const activated = tf.customGrad((...args) => {
  const x = args[0] as tf.Tensor;
  const save = args[1] as unknown as tf.GradSaveFunc;
  const values = new Float32Array(x.size);
  const slopes = new Float32Array(x.size);
  evaluateGelu(x.dataSync<'float32'>(), values, slopes);
  save([tf.tensor(slopes, x.shape)]);
  return {
    value: tf.tensor(values, x.shape),
    gradFunc: (dy, saved) => tf.mul(dy, saved[0]),
  };
});
