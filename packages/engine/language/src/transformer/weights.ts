import { tf, type Tensors } from '@tandem-rec/compute';

/** What a forward pass reads: the tensors of a model, and what an adapter adds to its linear layers. */
export interface Weights {
  /** The tensor of that name, as the model's files call it. */
  tensor(name: string): tf.Tensor;
  /** Whether that tensor is being trained. Of frozen ones no gradient is computed, and nothing is kept for it. */
  trains(name: string): boolean;
  /** What is added to the output of the linear layer `name` for inputs x, `rows × inputs`. */
  delta?(name: string, x: tf.Tensor2D): tf.Tensor2D | undefined;
}

/** The same weights, where `trained` has a tensor `prefix` + name that one: for weights that are being trained. */
export function withTrained(weights: Weights, trained: Tensors, prefix = 'base/'): Weights {
  return {
    tensor: (name) => trained[prefix + name] ?? weights.tensor(name),
    trains: (name) => prefix + name in trained || weights.trains(name),
    delta: (name, x) => weights.delta?.(name, x),
  };
}
