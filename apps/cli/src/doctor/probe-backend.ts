// A process of its own for each backend: a native library that crashes must not take the doctor with it.
import { kernelName, openTensorBackend, tf, type TensorBackendName } from '@tandem-rec/compute';

/** What the probe writes to standard output. */
export interface Probe {
  readonly identity: string;
  readonly kernel: string;
  /** Product of two square matrices, the best of several. */
  readonly gflops: number;
  /** Time to load and open the backend. */
  readonly openMs: number;
}

const SIZE = 384;
const BUDGET_MS = 400;

const startMs = performance.now();
const { identity } = await openTensorBackend({ prefer: process.argv[2] as TensorBackendName });
const openMs = performance.now() - startMs;

const a = tf.ones<tf.Rank.R2>([SIZE, SIZE]);
const multiply = (): number => {
  const before = performance.now();
  const product = tf.matMul(a, a);
  const value = product.dataSync()[0];
  product.dispose();
  if (value !== SIZE) throw new Error(`the product of two matrices is wrong: ${value} instead of ${SIZE}`);
  return performance.now() - before;
};
let best = Infinity;
const until = performance.now() + BUDGET_MS;
do best = Math.min(best, multiply());
while (performance.now() < until);

const probe: Probe = { identity, kernel: kernelName, gflops: (2 * SIZE ** 3) / (best * 1e6), openMs };
process.stdout.write(JSON.stringify(probe));
