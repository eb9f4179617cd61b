import { TandemError, type Environment } from '@tandem-rec/contract';
import { openTensorBackend, tf, type TensorBackend, type TensorBackendName } from '@tandem-rec/compute';
import {
  MiniLmEncoder,
  OnnxEncoder,
  onnxFile,
  TensorEncoder,
  type OnnxRuntime,
  type SentenceEncoder,
  type TextModel,
} from '@tandem-rec/language';
import type { Engine, EncoderOptions } from '../encoder-options.ts';
import { importOnnxRuntime } from './import-onnx-runtime.ts';

/** An encoder that was opened, by whom, and how to let it go. */
export interface OpenedEncoder {
  readonly engine: Engine;
  readonly encoder: SentenceEncoder;
  close(): void | Promise<void>;
}

/**
 * Opens a model with the engine that was asked for. Throws `TANDEM_MODEL_WEIGHTS_MISSING`, `TANDEM_MODEL_WEIGHTS_INVALID`,
 * and `TANDEM_MODEL_RUNTIME_MISSING` where onnxruntime was asked for by name and is not there.
 */
export async function openSentenceEncoder(
  model: TextModel,
  { engine }: Pick<EncoderOptions, 'engine'>,
  env: Pick<Environment, 'threads' | 'log' | 'signal'>,
  importRuntime: () => Promise<OnnxRuntime> = importOnnxRuntime,
): Promise<OpenedEncoder> {
  const runtime =
    engine === 'onnxruntime'
      ? await importRuntime()
      : engine === 'auto' && onnxFile(model.folder) !== undefined
        ? await importRuntime().catch(orNone)
        : undefined;
  if (runtime) {
    const encoder = await OnnxEncoder.open(model, runtime, env.threads);
    return { engine: 'onnxruntime', encoder, close: () => encoder.close() };
  }
  if (engine === 'plain') return { engine: 'plain', encoder: await MiniLmEncoder.open(model.folder), close: () => {} };
  const encoder = await TensorEncoder.open(model.folder, await backendInUse(env), env.signal);
  return { engine: 'tensor', encoder, close: () => encoder.close() };
}

function orNone(error: unknown): undefined {
  if (TandemError.is(error) && error.code === 'TANDEM_MODEL_RUNTIME_MISSING') return undefined;
  throw error;
}

/** Whoever runs us may have opened the backend that the configuration names: then it is that one. */
function backendInUse({ threads, log }: Pick<Environment, 'threads' | 'log'>): Promise<TensorBackend> {
  const open = tf.getBackend();
  if (!open) return openTensorBackend({ threads, log });
  const prefer = open === 'tensorflow' ? 'native' : (open as TensorBackendName);
  return openTensorBackend({ prefer, threads, log });
}
