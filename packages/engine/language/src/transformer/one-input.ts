import { tf } from '@tandem-rec/compute';

/** A value, what its gradient needs, and how that follows from the value's. */
export interface Differentiated {
  readonly value: tf.Tensor2D;
  readonly keep?: readonly tf.Tensor[];
  gradient(dy: tf.Tensor2D, kept: readonly tf.Tensor[]): tf.Tensor2D;
}

/**
 * A function of one matrix with a gradient that is written out. On the tape it is one step, and only what it names is
 * kept: composed of a dozen operations it would keep each one's result, and memory is most of the cost of those.
 */
export function oneInput(x: tf.Tensor2D, compute: (x: tf.Tensor2D) => Differentiated): tf.Tensor2D {
  const apply = tf.customGrad((input, save) => {
    const { value, keep = [], gradient } = compute(input as tf.Tensor2D);
    (save as tf.GradSaveFunc)([...keep]);
    // The tape frees what a step's value needed on the way, but not what its gradient did.
    return { value, gradFunc: (dy, kept) => tf.tidy(() => gradient(dy as tf.Tensor2D, kept as tf.Tensor[])) };
  });
  return apply(x) as tf.Tensor2D;
}
