import { tf } from '@tandem-rec/compute';

/** Smallest probability whose logarithm is taken. */
const LEAST = 1e-12;

/**
 * Mean cross-entropy of the targets under the softmax of ⟨h, v_c⟩ − log Q_c over the competitors. Its gradient,
 *
 *     dh = (P V − V[y]) / n        dV = (Pᵀ h − Σ_{i: y_i = c} h_i) / n,
 *
 * needs neither a matrix of ones nor a second softmax, which on a whole catalogue is most of the work.
 * @param h states, `n × d`
 * @param V vectors of the competitors, `C × d`
 * @param columns the target of each state among the competitors
 */
export function softmaxLoss(h: tf.Tensor2D, V: tf.Tensor2D, columns: Int32Array, logQ?: Float32Array): tf.Scalar {
  const n = columns.length;
  const loss = tf.customGrad((...args) => {
    const [states, vectors] = args as unknown as [tf.Tensor2D, tf.Tensor2D];
    const save = args[2] as unknown as tf.GradSaveFunc;
    const products = tf.matMul(states, vectors, false, true);
    const P = tf.softmax(logQ ? tf.sub(products, tf.tensor1d(logQ)) : products);
    const places = new Int32Array(2 * n);
    for (let i = 0; i < n; i++) places.set([i, columns[i]], 2 * i);
    const truths = tf.gatherND(P, tf.tensor2d(places, [n, 2], 'int32'));
    save([states, vectors, P]);
    return {
      value: tf.neg(tf.mean(tf.log(tf.maximum(truths, LEAST)))),
      gradFunc: (dy, saved) => {
        const [savedStates, savedVectors, shares] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const y = tf.tensor1d(columns, 'int32');
        const scale = tf.div(dy as tf.Scalar, n);
        const dh = tf.sub(tf.matMul(shares, savedVectors), tf.gather(savedVectors, y));
        const dV = tf.sub(
          tf.matMul(shares, savedStates, true, false),
          tf.unsortedSegmentSum(savedStates, y, savedVectors.shape[0]),
        );
        return [tf.mul(dh, scale), tf.mul(dV, scale)];
      },
    };
  });
  return loss(h, V) as tf.Scalar;
}
