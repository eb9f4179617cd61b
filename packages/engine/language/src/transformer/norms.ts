import { tf } from '@tandem-rec/compute';

/**
 * Layer normalisation of each row (Ba et al., "Layer normalization", 2016): `x̂ = (x − mean) / √(variance + ε)`, scaled and
 * shifted; x `rows × width`.
 */
export const layerNorm = (x: tf.Tensor2D, scale: tf.Tensor, shift: tf.Tensor, epsilon: number): tf.Tensor2D =>
  tf.add(tf.mul(standardised(x, epsilon, true), scale), shift);

/** RMSNorm of each row (Zhang and Sennrich, "Root mean square layer normalization", 2019): `x / √(mean x² + ε)`, scaled. */
export const rmsNorm = (x: tf.Tensor2D, scale: tf.Tensor, epsilon: number): tf.Tensor2D =>
  tf.mul(standardised(x, epsilon, false), scale);

/**
 * Rows of length √width, around their mean or not. The gradient is written out, as the tape of the composed operations is
 * three times as long: `∂x = (∂x̂ − mean ∂x̂ − x̂ mean(∂x̂ x̂)) / σ`, without the first mean where x is not centred.
 */
function standardised(x: tf.Tensor2D, epsilon: number, centred: boolean): tf.Tensor2D {
  const standardise = tf.customGrad((input, save) => {
    const rows = input as tf.Tensor2D;
    const deviation = centred ? tf.sub(rows, tf.mean(rows, 1, true)) : rows;
    const factor = tf.rsqrt(tf.add(tf.mean(tf.square(deviation), 1, true), epsilon));
    const unit = tf.mul(deviation, factor);
    (save as tf.GradSaveFunc)([unit, factor]);
    return {
      value: unit,
      gradFunc: (dy, saved) => {
        const [u, f] = saved as tf.Tensor[];
        const along = tf.mul(u, tf.mean(tf.mul(dy, u), 1, true));
        const rest = tf.sub(dy, along);
        return tf.mul(centred ? tf.sub(rest, tf.mean(dy, 1, true)) : rest, f);
      },
    };
  });
  return standardise(x) as tf.Tensor2D;
}
