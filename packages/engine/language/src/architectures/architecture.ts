import type { tf } from '@tandem-rec/compute';
import type { LinearLayer } from '../transformer/linear.ts';
import type { Pass } from '../transformer/pass.ts';
import type { Weights } from '../transformer/weights.ts';

/** A tensor that a model's files must have. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A kind of transformer in one shape: what its configuration says, and its equations. */
export interface Architecture {
  /** Width of the states, and of the embeddings that enter. */
  readonly width: number;
  readonly layers: number;
  /** Token ids are below it. */
  readonly vocabulary: number;
  /** Positions at most. */
  readonly positions: number;
  /** Whether a position sees only those before it, unless a pass says otherwise. */
  readonly causal: boolean;
  /** Names may stand in the files with or without this in front. */
  readonly prefix: string;
  readonly tensors: readonly TensorShape[];
  /** The linear layers that an adapter may name, in the order of the forward pass. */
  readonly linears: readonly LinearLayer[];
  /** The token whose id the configuration gives as the beginning of a text. */
  readonly bosId: number | undefined;
  /** Name of the tensor of token embeddings, `vocabulary × width`: what stands in place of its rows is a soft token. */
  readonly embeddings: string;
  /** Last hidden states, `size · length × width`, of embeddings of that shape. */
  states(weights: Weights, embeddings: tf.Tensor2D, pass: Pass): tf.Tensor2D;
  /** Scores of every token as the next one, `rows × vocabulary`; undefined for encoders. */
  logits?(weights: Weights, states: tf.Tensor2D): tf.Tensor2D;
}

/** A linear layer stored `outputs × inputs`. */
export const linearLayer = (name: string, inputs: number, outputs: number, bias: boolean): LinearLayer => ({
  name,
  inputs,
  outputs,
  bias,
  transposed: false,
});

/** The tensors of a linear layer. */
export const tensorsOfLinear = ({ name, inputs, outputs, bias, transposed }: LinearLayer): readonly TensorShape[] => [
  { name: `${name}.weight`, shape: transposed ? [inputs, outputs] : [outputs, inputs] },
  ...(bias ? [{ name: `${name}.bias`, shape: [outputs] }] : []),
];

/** Scale and shift of a layer normalisation. */
export const tensorsOfNorm = (name: string, width: number): readonly TensorShape[] => [
  { name: `${name}.weight`, shape: [width] },
  { name: `${name}.bias`, shape: [width] },
];
