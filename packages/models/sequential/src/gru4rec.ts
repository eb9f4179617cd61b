import { z } from '@tandem-rec/contract';
import { Gru4RecEncoder } from './gru4rec-encoder.ts';
import { defineSequenceModel } from './define-sequence-model.ts';
import { sequenceOptions } from './sequence-options.ts';
import { nextItem } from './sequence-task.ts';

const options = z.strictObject({
  ...sequenceOptions,
  hidden: z.int().min(1).max(4096).default(128).describe('Width of the recurrent states.'),
  layers: z.int().min(1).max(8).default(1).describe('Recurrent layers.'),
});

/** Validated options of `gru4rec`. */
export type Gru4RecOptions = z.output<typeof options>;

/**
 * A recurrent network over what a user met (Hidasi, Karatzoglou, Baltrunas and Tikk, "Session-based Recommendations with
 * Recurrent Neural Networks", ICLR 2016). Trained on whole histories with cross-entropy over all items or a corrected
 * sample (as in Hidasi and Karatzoglou, CIKM 2018, whose losses compare with many items too) instead of the paper's TOP1
 * and BPR on session-parallel mini-batches; input and output share the rows of the items.
 *
 * @example
 * defineConfig({ domain: gru4rec({ hidden: 256, dropout: 0.3 }) });
 */
export const gru4rec = defineSequenceModel({
  name: 'gru4rec',
  summary: 'A gated recurrent network over a history (GRU4Rec).',
  options,
  task: ({ maxLength }) => nextItem(maxLength),
  encoder: Gru4RecEncoder,
});
