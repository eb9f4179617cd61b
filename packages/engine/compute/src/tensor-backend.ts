import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { TandemError, type Logger } from '@tandem-rec/contract';
import { patchKernels } from './patched-kernels.ts';
import { openNative } from './native-tensorflow.ts';
import { registerGradients } from './register-gradients.ts';
import { kernelName } from './kernel.ts';

/** From fastest to slowest. `cpu` is plain JavaScript with our matrix product. */
export const TENSOR_BACKENDS = ['native', 'wasm', 'cpu'] as const;

/** Where tensors are computed. */
export type TensorBackendName = (typeof TENSOR_BACKENDS)[number];

/** The backend in use in this thread. */
export interface TensorBackend {
  readonly name: TensorBackendName;
  /** Backend, versions and arithmetic: what numbers may depend on, for a checkpoint to record. */
  readonly identity: string;
}

/** What to open. */
export interface TensorBackendOptions {
  /** Only this one will do; default: the fastest that is there. */
  readonly prefer?: TensorBackendName;
  /** Threads that native TensorFlow may use in one operation; the others use one. Default 1. */
  readonly threads?: number;
  readonly log?: Logger;
}

const requireHere = createRequire(import.meta.url);

/**
 * Makes the best backend present the one that `tf` uses in this thread: native TensorFlow, else WebAssembly, else plain
 * JavaScript. Throws `TANDEM_BACKEND_UNAVAILABLE` if the one preferred is not there.
 */
export async function openTensorBackend(options: TensorBackendOptions = {}): Promise<TensorBackend> {
  const candidates = options.prefer ? [options.prefer] : TENSOR_BACKENDS;
  const reasons: string[] = [];
  // Without it tfjs advertises its native addon on every start.
  tf.enableProdMode();
  await registerGradients();
  for (const name of candidates) {
    try {
      const identity = await open[name](options.threads ?? 1);
      options.log?.debug('Tensor backend opened.', { backend: identity });
      return { name, identity };
    } catch (cause) {
      reasons.push(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  throw new TandemError(
    'TANDEM_BACKEND_UNAVAILABLE',
    `No tensor backend of ${candidates.join(', ')} could be opened: ${reasons.join('; ')}`,
  );
}

const open: Readonly<Record<TensorBackendName, (threads: number) => Promise<string>>> = {
  native: openNative,
  wasm: openWasm,
  cpu: openCpu,
};

const patched = new Set<string>();

function patchOnce(name: 'wasm' | 'cpu'): void {
  if (!patched.has(name)) patchKernels(name);
  patched.add(name);
}

async function openWasm(): Promise<string> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (!patched.has('wasm')) setWasmPaths(dirname(requireHere.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  if (!(await tf.setBackend('wasm'))) throw new Error('tfjs-backend-wasm did not start.');
  patchOnce('wasm');
  return `tfjs-wasm ${tf.version_core}, ${kernelName}`;
}

async function openCpu(): Promise<string> {
  await import('@tensorflow/tfjs-backend-cpu');
  if (!(await tf.setBackend('cpu'))) throw new Error('tfjs-backend-cpu did not start.');
  patchOnce('cpu');
  return `tfjs-cpu ${tf.version_core}, ${kernelName}`;
}
