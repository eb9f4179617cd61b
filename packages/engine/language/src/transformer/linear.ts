import { tf } from '@tandem-rec/compute';
import type { Weights } from './weights.ts';

/** A linear layer of a model: what can be adapted. */
export interface LinearLayer {
  /** Its weight is the tensor `name.weight`, its bias, if it has one, `name.bias`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  /** Whether the weight is stored `inputs × outputs`, as in GPT-2; else `outputs × inputs`. */
  readonly transposed: boolean;
}

/** `y = x Wᵀ + b`, and what an adapter adds; x `rows × inputs`. */
export function linear(weights: Weights, { name, bias, transposed }: LinearLayer, x: tf.Tensor2D): tf.Tensor2D {
  let y: tf.Tensor2D = tf.matMul(x, weights.tensor(`${name}.weight`) as tf.Tensor2D, false, !transposed);
  if (bias) y = tf.add(y, weights.tensor(`${name}.bias`));
  const delta = weights.delta?.(name, x);
  return delta ? tf.add(y, delta) : y;
}
