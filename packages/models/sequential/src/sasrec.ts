import { z } from '@tandem-rec/contract';
import { SasrecEncoder } from './sasrec-encoder.ts';
import { defineSequenceModel } from './define-sequence-model.ts';
import { sequenceOptions } from './sequence-options.ts';
import { nextItem } from './sequence-task.ts';

const options = z
  .strictObject({
    ...sequenceOptions,
    blocks: z.int().min(1).max(16).default(2).describe('Blocks of attention and feed-forward network.'),
    heads: z.int().min(1).max(64).default(2).describe('Attention heads of a block; they divide `dim`.'),
  })
  .refine(({ dim, heads }) => dim % heads === 0, { error: '`heads` must divide `dim`.', path: ['heads'] });

/** Validated options of `sasrec`. */
export type SasrecOptions = z.output<typeof options>;

/**
 * Self-attentive sequential recommendation (Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018): a
 * causal transformer reads what a user met and ranks what comes next. It is trained with cross-entropy over all items, or
 * over a sample with logQ correction, instead of the paper's binary one with a single negative: the loss is worth more
 * than the architecture (Klenitskiy and Vasilev, "Turning Dross Into Gold Loss: is BERT4Rec really better than SASRec?",
 * RecSys 2023; Petrov and Macdonald, "gSASRec", RecSys 2023). A user is their history: somebody never seen is served too.
 *
 * @example
 * defineConfig({ domain: sasrec({ maxLength: 100, loss: 'full-softmax' }) });
 */
export const sasrec = defineSequenceModel({
  name: 'sasrec',
  summary: 'A causal transformer over what a user met last (SASRec), with full or sampled softmax.',
  options,
  task: ({ maxLength }) => nextItem(maxLength),
  encoder: SasrecEncoder,
});
