import { openTensorBackend, tf, type TensorBackendName } from '@tandem-rec/compute';
import type { Environment } from '@tandem-rec/contract';
import { CachedEncoder, findModel, TensorEncoder } from '@tandem-rec/language';

/** A sentence encoder that reads each text once, and how to let it go. */
export interface OpenedEncoder {
  readonly encoder: CachedEncoder;
  close(): void;
}

/** Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `TANDEM_MODEL_WEIGHTS_INVALID`. */
export async function openEncoder(model: string, env: Environment): Promise<OpenedEncoder> {
  const open = tf.getBackend();
  // Whoever runs us may have opened the backend that the configuration names: then it is that one.
  const prefer = open === 'tensorflow' ? 'native' : (open as TensorBackendName | undefined);
  const backend = await openTensorBackend({ ...(prefer && { prefer }), threads: env.threads, log: env.log });
  const sentences = await TensorEncoder.open(await findModel(model, env), backend, env.signal);
  const encoder = new CachedEncoder(sentences, env);
  return {
    encoder,
    close: () => {
      encoder.close();
      sentences.close();
    },
  };
}
