import { z } from '@tandem-rec/contract';
import { Bert4RecEncoder } from './bert4rec-encoder.ts';
import { cloze } from './cloze-task.ts';
import { defineSequenceModel } from './define-sequence-model.ts';
import { sequenceOptions } from './sequence-options.ts';

const options = z
  .strictObject({
    ...sequenceOptions,
    dropout: sequenceOptions.dropout.default(0.2),
    learningRate: sequenceOptions.learningRate.default(1e-3),
    layers: z.int().min(1).max(16).default(2).describe('Layers of attention and feed-forward network.'),
    heads: z.int().min(1).max(64).default(2).describe('Attention heads of a layer; they divide `dim`.'),
    masked: z
      .number()
      .min(0)
      .max(1)
      .default(0.4)
      .describe(
        'Share of the items of a sequence that are hidden, ρ; 0: the last alone, and none in `fit` but `cuts`.',
      ),
    lastOnly: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('Share of the sequences of which the last item alone is hidden.'),
    cuts: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        'Share of the places of a sequence at which a pass of `fit` cuts it too and hides the last item alone: what is asked for then has no future, as when it serves.',
      ),
  })
  .refine(({ dim, heads }) => dim % heads === 0, { error: '`heads` must divide `dim`.', path: ['heads'] })
  .refine(({ masked, cuts }) => masked + cuts > 0, {
    error: 'With `masked` and `cuts` both 0 nothing is asked in `fit`.',
    path: ['masked'],
  });

/** Validated options of `bert4rec`. */
export type Bert4RecOptions = z.output<typeof options>;

/**
 * Sequential recommendation by cloze (Sun, Liu, Wu, Pei, Lin, Ou and Jiang, "BERT4Rec: Sequential Recommendation with
 * Bidirectional Encoder Representations from Transformer", CIKM 2019): a transformer that sees both sides names hidden
 * items; the next item is a hidden one behind the history. Only hidden positions teach: it needs more epochs than `sasrec`,
 * which with the same loss was found to be the better model (Klenitskiy and Vasilev, RecSys 2023).
 *
 * @example
 * defineConfig({ domain: bert4rec({ maxLength: 100, masked: 0.2 }) });
 */
export const bert4rec = defineSequenceModel({
  name: 'bert4rec',
  summary: 'A bidirectional transformer that names hidden items of a history (BERT4Rec).',
  options,
  task: cloze,
  encoder: Bert4RecEncoder,
});
