import { openTensorBackend, tf, type DenseParameters } from '@tandem-rec/compute';
import { defineDomainModel, type PluginFactory, type Rng, type z } from '@tandem-rec/contract';
import type { SequenceEncoder } from './sequence-encoder.ts';
import { SequenceModel } from './sequence-model.ts';
import { itemTable, type SequenceOptions } from './sequence-options.ts';
import type { SequenceTask } from './sequence-task.ts';

/** What one sequence model has of its own. `O`: the validated options. */
interface SequenceModelDefinition<S extends z.ZodType<SequenceOptions>> {
  /** Name of the export of this package. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  readonly options: S;
  /** What it is asked in training, and how it is asked for the next item. */
  readonly task: (options: z.output<S>) => SequenceTask;
  /** Its network. */
  readonly encoder: new (options: z.output<S>, dense: DenseParameters, rng: Rng) => SequenceEncoder;
}

/** Defines a sequence model by its network and its task; table, loss, learning and predictions are the same for all. */
export const defineSequenceModel = <S extends z.ZodType<SequenceOptions>>({
  name,
  summary,
  options,
  task,
  encoder: Encoder,
}: SequenceModelDefinition<S>): PluginFactory<'domain-model', S> =>
  defineDomainModel<S>({
    id: `@tandem-rec/model-sequential#${name}`,
    summary,
    options,
    gives: ['parameters', 'representations', 'predictions'],
    takes: ['parameters', 'predictions'],
    tables: itemTable,
    async create(settings, environment) {
      // Whoever runs us may have opened the backend that the configuration names.
      if (!tf.getBackend()) await openTensorBackend({ threads: environment.threads, log: environment.log });
      return new SequenceModel(
        settings,
        environment,
        task(settings),
        (dense, rng) => new Encoder(settings, dense, rng),
      );
    },
  });
