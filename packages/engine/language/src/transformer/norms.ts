import { tf } from '@tandem-rec/compute';
import { oneInput } from './one-input.ts';
import type { Weights } from './weights.ts';

/**
 * Layer normalisation of each row (Ba et al., "Layer normalization", 2016): `x̂ = (x − mean) / √(variance + ε)`, scaled by
 * `name.weight` and shifted by `name.bias`; x `rows × width`.
 */
export function layerNorm(weights: Weights, name: string, x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  return normalised(weights, x, `${name}.weight`, `${name}.bias`, epsilon);
}

/**
 * RMSNorm of each row (Zhang and Sennrich, "Root mean square layer normalization", 2019): `x̂ = x / √(mean x² + ε)`, scaled
 * by the tensor `name`.
 */
export function rmsNorm(weights: Weights, name: string, x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  return normalised(weights, x, name, undefined, epsilon);
}

function normalised(
  weights: Weights,
  x: tf.Tensor2D,
  scaleName: string,
  shiftName: string | undefined,
  epsilon: number,
): tf.Tensor2D {
  const scale = weights.tensor(scaleName);
  const shift = shiftName === undefined ? undefined : weights.tensor(shiftName);
  const scaled = (unit: tf.Tensor2D): tf.Tensor2D => {
    const product: tf.Tensor2D = tf.mul(unit, scale);
    return shift ? tf.add(product, shift) : product;
  };
  if (weights.trains(scaleName)) return scaled(unitRows(x, shift !== undefined, epsilon));
  return unitRows(x, shift !== undefined, epsilon, scaled, (dy) => tf.mul(dy, scale));
}

/**
 * Rows of length √width, around their mean or not, then `after`. With `∂x̂ = before(∂y)`:
 * `∂x = (∂x̂ − mean ∂x̂ − x̂ mean(∂x̂ x̂)) / σ`, without the first mean where x is not centred.
 */
function unitRows(
  x: tf.Tensor2D,
  centred: boolean,
  epsilon: number,
  after = (unit: tf.Tensor2D): tf.Tensor2D => unit,
  before = (dy: tf.Tensor2D): tf.Tensor2D => dy,
): tf.Tensor2D {
  return oneInput(x, (rows) => {
    const deviation: tf.Tensor2D = centred ? tf.sub(rows, tf.mean(rows, 1, true)) : rows;
    const factor = tf.rsqrt(tf.add(tf.mean(tf.square(deviation), 1, true), epsilon));
    const unit: tf.Tensor2D = tf.mul(deviation, factor);
    return {
      value: after(unit),
      keep: [unit, factor],
      gradient: (dy, [u, f]) => {
        const dUnit = before(dy);
        const along = tf.mul(u, tf.mean(tf.mul(dUnit, u), 1, true));
        const rest = tf.sub(dUnit, along);
        return tf.mul(centred ? tf.sub(rest, tf.mean(dUnit, 1, true)) : rest, f);
      },
    };
  });
}
