import { defineDomainModel, z } from '@tandem-rec/contract';
import { EaseModel } from './ease-model.ts';

const options = z.strictObject({
  lambda: z
    .number()
    .positive()
    .default(200)
    .describe('λ, the weight of ‖B‖². 100 to 300 suit small data, thousands data with tens of millions of events.'),
  refreshEvery: z
    .int()
    .min(1)
    .default(1000)
    .describe('On a stream: new interactions after which B is solved for again. Counts follow every one.'),
  sharpness: z
    .number()
    .positive()
    .default(10)
    .describe('Logits are so many times the regression’s answer, for lessons and fusions; ranks do not depend on it.'),
});

/** Validated options of `ease`. */
export type EaseOptions = z.output<typeof options>;

/**
 * The linear item-item model in closed form (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019):
 * one matrix inversion, no epochs, and hard to beat up to some ten thousand items. Scores come from a user's history,
 * so who comes back with new items needs no training.
 *
 * Memory grows with the square of the items (6 bytes a pair; 32,511 items at most), time of a solution with their cube.
 * What does not fit is refused with `TANDEM_MEMORY_TOO_SMALL` before it is begun.
 *
 * @example
 * defineConfig({ domain: ease({ lambda: 300 }) });
 */
export const ease = defineDomainModel({
  id: '@tandem-rec/model-linear#ease',
  summary: 'Linear item-item model in closed form.',
  options,
  gives: ['predictions'],
  takes: [],
  create: (settings, environment) => new EaseModel(settings, environment),
});
