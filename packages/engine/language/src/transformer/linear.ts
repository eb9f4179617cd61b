import { tf } from '@tandem-rec/compute';
import { oneInput } from './one-input.ts';
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
  const W = weights.tensor(`${name}.weight`) as tf.Tensor2D;
  const b = bias ? weights.tensor(`${name}.bias`) : undefined;
  const forward = (input: tf.Tensor2D): tf.Tensor2D => {
    const product: tf.Tensor2D = tf.matMul(input, W, false, !transposed);
    return b ? tf.add(product, b) : product;
  };
  const trains = weights.trains(`${name}.weight`) || (bias && weights.trains(`${name}.bias`));
  // ∂x = ∂y W: with frozen weights the inputs need not be kept.
  const y = trains
    ? forward(x)
    : oneInput(x, (input) => ({ value: forward(input), gradient: (dy) => tf.matMul(dy, W, false, transposed) }));
  const delta = weights.delta?.(name, x);
  return delta ? tf.add(y, delta) : y;
}
