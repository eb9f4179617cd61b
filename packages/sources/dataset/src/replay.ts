import { defineInteractionSource, pluginUseSchema, z } from '@tandem-rec/contract';
import { ReplaySource } from './replay-source.ts';
import { speedSchema } from './speed.ts';

/**
 * Plays a dataset as the stream it could have been: items that are known from the beginning, then interactions in the
 * order of time and each later item when it became available. Bounded: it ends with the dataset. Offsets are places in
 * that stream, so a checkpoint resumes at the exact record. The dataset's interactions are held in memory.
 *
 * Options:
 * - `dataset`: a dataset reader with its options.
 * - `speed`: `unlimited` (default), `{ eventsPerSecond }` or `{ timesReal }`. After a restart the pace begins anew.
 *
 * Errors: `TANDEM_SOURCE_OFFSET_OUT_OF_RANGE`, and those of the reader (`TANDEM_DATASET_*`).
 *
 * @example
 * ```ts
 * import { defineConfig } from '@tandem-rec/contract';
 * import { movielens100k } from '@tandem-rec/dataset-files';
 * import { replay } from '@tandem-rec/source-dataset';
 *
 * export default defineConfig({ source: replay({ dataset: movielens100k(), speed: { eventsPerSecond: 500 } }), … });
 * ```
 */
export const replay = defineInteractionSource({
  id: '@tandem-rec/source-dataset#replay',
  summary: 'Replays a dataset as a stream, at a chosen speed.',
  options: z.strictObject({
    dataset: pluginUseSchema('dataset-reader').describe('A dataset reader with its options.'),
    speed: speedSchema.default('unlimited').describe('How fast it plays.'),
  }),
  create: async ({ dataset, speed }, env) => {
    const reader = await dataset.definition.create(dataset.options, { ...env, rng: env.rng.fork('dataset') });
    return new ReplaySource(reader, speed, env);
  },
});
