import { defineDomainModel, z } from '@tandem-rec/contract';
import { PopularityModel } from './popularity-model.ts';

const options = z.strictObject({
  halfLife: z.number().positive().default(5000).describe('After how long an interaction counts half, in `unit`s.'),
  unit: z
    .enum(['events', 'hours'])
    .default('events')
    .describe('`events`: interactions of anybody; `hours`: of event time.'),
  smoothing: z
    .number()
    .positive()
    .default(0.3)
    .describe('Added to the decayed count before its logarithm is taken, so that new items can be ranked.'),
});

/** Validated options of `popularity`. */
export type PopularityOptions = z.output<typeof options>;

/**
 * What many met lately, the same for everybody: log(decayed count + smoothing). The yardstick that every model has to
 * beat; on a stream plain matrix factorisation hardly does.
 *
 * @example
 * defineConfig({ domain: popularity({ halfLife: 48, unit: 'hours' }) });
 */
export const popularity = defineDomainModel({
  id: '@tandem-rec/model-neighbourhood#popularity',
  summary: 'What many met lately, fading with time.',
  options,
  gives: ['predictions'],
  takes: [],
  create: (settings) => new PopularityModel(settings),
});
