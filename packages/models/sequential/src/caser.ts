import { z } from '@tandem-rec/contract';
import { CaserEncoder } from './caser-encoder.ts';
import { defineSequenceModel } from './define-sequence-model.ts';
import { sequenceOptions } from './sequence-options.ts';
import { nextItem } from './sequence-task.ts';

const options = z.strictObject({
  ...sequenceOptions,
  window: z.int().min(1).max(32).default(5).describe('Newest items that filters see, L: the height of the image.'),
  horizontal: z.int().min(1).max(256).default(16).describe('Horizontal filters of each height from 1 to `window`.'),
  vertical: z.int().min(1).max(64).default(4).describe('Vertical filters.'),
});

/** Validated options of `caser`. */
export type CaserOptions = z.output<typeof options>;

/**
 * Convolutions over the image of the newest items (Tang and Wang, "Personalized Top-N Sequential Recommendation via
 * Convolutional Sequence Embedding", WSDM 2018). It differs from the paper in three things: there is no vector of the
 * user, so that it serves anybody with a history; input and output share the rows of the items; and cross-entropy over
 * all items or a corrected sample takes the place of the binary one.
 *
 * @example
 * defineConfig({ domain: caser({ window: 4, horizontal: 8 }) });
 */
export const caser = defineSequenceModel({
  name: 'caser',
  summary: 'Convolutions over the newest items of a history (Caser).',
  options,
  task: ({ maxLength }) => nextItem(maxLength),
  encoder: CaserEncoder,
});
