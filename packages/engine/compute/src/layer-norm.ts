import type { DenseParameters, Tensors } from './dense-parameters.ts';
import { tf } from './tf.ts';

const EPSILON = 1e-5;

/** Declares the weights of `layerNorm`. */
export function declareLayerNorm(dense: DenseParameters, name: string, dim: number): void {
  dense.declare(`${name}/scale`, [dim], (into) => into.fill(1));
  dense.declare(`${name}/shift`, [dim]);
}

/** α ⊙ (x − μ) / √(σ² + ε) + β of each row (Ba, Kiros and Hinton, "Layer normalization", 2016). */
export const layerNorm = (weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.mul(standardised(x) as tf.Tensor2D, weights[`${name}/scale`]), weights[`${name}/shift`]);

/** u = (x − μ) / √(σ² + ε) by row. Its gradient in one go is a third of the operations: (du − mean du − u · mean(u ⊙ du)) / σ. */
const standardised = tf.customGrad((...args) => {
  const x = args[0] as tf.Tensor2D;
  const save = args[1] as unknown as tf.GradSaveFunc;
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), EPSILON));
  const u = tf.mul(centred, inverse);
  save([u, inverse]);
  return {
    value: u,
    gradFunc: (du, saved) => {
      const [units, scale] = saved;
      const along = tf.mul(units, tf.mean(tf.mul(units, du), 1, true));
      return tf.mul(tf.sub(tf.sub(du, tf.mean(du, 1, true)), along), scale);
    },
  };
});
