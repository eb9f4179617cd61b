import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { multiplyMatricesNatively } from './native-mat-mul.ts';

/**
 * The folder that native TensorFlow is built into and loaded from, outside `node_modules`, which installs wipe:
 * `TANDEM_NATIVE_TENSORFLOW`, else `tandem/native-tensorflow` in the user's cache folder. It may not exist.
 */
export function nativeTensorFlowFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return process.env['TANDEM_NATIVE_TENSORFLOW'] || join(cache, 'tandem', 'native-tensorflow');
}

/** Whether native TensorFlow is there, and if not, why. */
export function findNativeTensorFlow(): { readonly available: boolean; readonly reason: string } {
  const manifest = join(nativeTensorFlowFolder(), 'node_modules/@tensorflow/tfjs-node/package.json');
  // Written last by the build, so a build that was cut short is not loaded.
  if (!existsSync(join(nativeTensorFlowFolder(), 'complete')) || !existsSync(manifest))
    return { available: false, reason: `native TensorFlow is not in ${nativeTensorFlowFolder()}` };
  if (Number(process.versions.node.split('.')[0]) >= 23)
    return { available: false, reason: `tfjs-node ${tf.version_core} does not run on Node 23 and later` };
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  if (version !== tf.version_core)
    return { available: false, reason: `native TensorFlow.js is ${version}, this needs ${tf.version_core}` };
  return { available: true, reason: `native TensorFlow in ${nativeTensorFlowFolder()}` };
}

/**
 * Fixes how many threads one operation of native TensorFlow uses, for the whole process. It reads them from the real
 * environment, which worker threads cannot change: call this in the main thread before a worker opens the backend.
 */
export function limitNativeThreads(threads: number): void {
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}

let multiplies = false;

/** Loads tfjs-node by path; its backend serves our namespace. Its threads are those of the process, see `limitNativeThreads`. */
export async function openNative(threads: number): Promise<string> {
  const { available, reason } = findNativeTensorFlow();
  if (!available) throw new Error(reason);
  if (isMainThread) limitNativeThreads(threads);
  else if (!process.env['TF_NUM_INTRAOP_THREADS'])
    throw new Error('its threads are not limited: call limitNativeThreads in the main thread before starting this one');
  const require = createRequire(join(nativeTensorFlowFolder(), 'package.json'));
  shareModules(require);
  silenceDeprecations(require);
  require('@tensorflow/tfjs-node');
  if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend did not start');
  if (!multiplies) multiplyMatricesNatively();
  multiplies = true;
  const { binding } = tf.backend() as unknown as { readonly binding: { readonly TF_Version: string } };
  return `tensorflow ${binding.TF_Version}, tfjs-node ${tf.version_core}, threads ${process.env['TF_NUM_INTRAOP_THREADS']}`;
}

/**
 * It brings a tfjs-core and a plain backend of its own, of the same version. Ours stand in for them: two cores would
 * work, as they share engine and registries through the global object, but a second plain backend undoes our kernels.
 */
function shareModules(require: NodeJS.Require): void {
  const requireHere = createRequire(import.meta.url);
  for (const name of ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu']) {
    requireHere(name);
    require.cache[require.resolve(name)] = requireHere.cache[requireHere.resolve(name)];
  }
}

/** tfjs-node calls two functions of `node:util` that warn on the user's terminal: these are the same without a warning. */
function silenceDeprecations(require: NodeJS.Require): void {
  const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  Object.assign(require('node:util') as object, { isNullOrUndefined, isArray: Array.isArray });
}
