import { gelu as geluOf, tf } from '@tandem-rec/compute';
import { oneInput } from './one-input.ts';

/** The activation functions that configurations name. GELU: Hendrycks and Gimpel, "Gaussian error linear units", 2016. */
export const ACTIVATIONS = {
  gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  silu,
  swish: silu,
  relu: (x: tf.Tensor2D): tf.Tensor2D => tf.relu(x),
} as const;

export type ActivationName = keyof typeof ACTIVATIONS;

export const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as [ActivationName, ...ActivationName[]];

/** An element-wise function with its derivative. */
const elementwise = (
  x: tf.Tensor2D,
  value: (x: tf.Tensor2D) => tf.Tensor2D,
  slope: (x: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D =>
  oneInput(x, (input) => ({
    value: value(input),
    keep: [input],
    gradient: (dy, [kept]) => tf.mul(dy, slope(kept as tf.Tensor2D)),
  }));

/**
 * `x Φ(x)`, Φ the normal distribution function. With `u = x / √2` that is `Φ = ½ (1 + erf u)`, and the slope
 * `Φ(x) + x φ(x) = Φ + u / (√π exp u²)`: written so, it takes the fewest passes over what is the widest matrix of a layer.
 */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  if (tf.getBackend() !== 'tensorflow') return geluByKernel(x);
  return oneInput(x, (input) => {
    const scaled: tf.Tensor2D = tf.mul(input, Math.SQRT1_2);
    const cdf: tf.Tensor2D = tf.mul(tf.add(tf.erf(scaled), 1), 0.5);
    return {
      value: tf.mul(input, cdf),
      keep: [scaled, cdf],
      // Far from 0 the exponential is infinite, and its quotient 0.
      gradient: (dy, [u, Phi]) =>
        tf.mul(dy, tf.add(Phi, tf.mul(tf.div(u, tf.exp(tf.square(u))), 1 / Math.sqrt(Math.PI)))),
    };
  });
}

/** Without native TensorFlow, whose error function costs almost nothing, a pass of ours is faster than ten of its operations. */
function geluByKernel(x: tf.Tensor2D): tf.Tensor2D {
  return oneInput(x, (input) => {
    const values = new Float32Array(input.size);
    const slopes = new Float32Array(input.size);
    geluOf(input.dataSync<'float32'>(), values, slopes);
    return {
      value: tf.tensor2d(values, input.shape),
      keep: [tf.tensor2d(slopes, input.shape)],
      gradient: (dy, [slope]) => tf.mul(dy, slope),
    };
  });
}

const SQRT_2_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;
/** `tanh(√(2/π) (x + 0.044715 x³))`. */
const tanhOf = (x: tf.Tensor2D): tf.Tensor2D =>
  tf.tanh(tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC), 1)), SQRT_2_PI));

/** GELU as GPT-2 approximates it: `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`. */
function geluTanh(x: tf.Tensor2D): tf.Tensor2D {
  return elementwise(
    x,
    (t) => tf.mul(tf.mul(t, 0.5), tf.add(tanhOf(t), 1)),
    (t) => {
      const tanh = tanhOf(t);
      const inner = tf.mul(tf.add(tf.mul(tf.square(t), 3 * CUBIC), 1), SQRT_2_PI);
      const steep = tf.mul(tf.mul(t, 0.5), tf.mul(tf.sub(1, tf.square(tanh)), inner));
      return tf.add(tf.mul(tf.add(tanh, 1), 0.5), steep);
    },
  );
}

/** `x σ(x)`, also called swish (Elfwing et al., 2018; Ramachandran et al., 2017). */
function silu(x: tf.Tensor2D): tf.Tensor2D {
  return elementwise(
    x,
    (t) => tf.mul(t, tf.sigmoid(t)),
    (t) => {
      const sigmoid = tf.sigmoid(t);
      return tf.mul(sigmoid, tf.add(tf.mul(t, tf.sub(1, sigmoid)), 1));
    },
  );
}
