import { tf } from '@tandem-rec/compute';
import type { Pass } from './pass.ts';

/**
 * The states after the layers of a pass, one after the other. What a layer computes on the way is freed with it, except for
 * what gradients need: memory does not grow with the depth.
 */
export function throughLayers<L>(
  layers: readonly L[],
  pass: Pass,
  states: tf.Tensor2D,
  run: (states: tf.Tensor2D, layer: L, index: number) => tf.Tensor2D,
): tf.Tensor2D {
  return layers
    .slice(0, pass.layers)
    .reduce((before, layer, index) => tf.tidy(() => run(before, layer, index)), states);
}
