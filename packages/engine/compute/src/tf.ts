/**
 * The TensorFlow.js namespace, for participants that need gradients: `import { tf } from '@tandem-rec/compute'`. Open a
 * backend with `openTensorBackend` first; it also mends the kernels that are missing or slow.
 *
 * A trap: `tf.logSigmoid` has a broken gradient; write `tf.neg(tf.softplus(tf.neg(x)))`. Tensors have no chained
 * operations here (`x.matMul(y)`): use `tf.matMul(x, y)`.
 */
export * as tf from '@tensorflow/tfjs-core';
