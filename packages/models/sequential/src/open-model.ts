import { openTensorBackend, tf } from '@tandem-rec/compute';
import type { DomainModel, Environment } from '@tandem-rec/contract';
import type { EncoderFactory } from './sequence-encoder.ts';
import { SequenceModel } from './sequence-model.ts';
import type { SequenceOptions } from './sequence-options.ts';
import type { SequenceTask } from './sequence-task.ts';

/** A sequence model of this network and task, with a tensor backend to compute on. */
export async function openModel(
  options: SequenceOptions,
  environment: Environment,
  task: SequenceTask,
  encoder: EncoderFactory,
): Promise<DomainModel> {
  // Whoever runs us may have opened the backend that the configuration names.
  if (!tf.getBackend()) await openTensorBackend({ threads: environment.threads, log: environment.log });
  return new SequenceModel(options, environment, task, encoder);
}
