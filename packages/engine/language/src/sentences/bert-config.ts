import { z } from '@tandem-rec/contract';
import { readModelJson } from '../weights/model-json.ts';

/** The fields of a Hugging Face `config.json` that the forward pass of BERT depends on. */
const bertConfigSchema = z.object({
  model_type: z.literal('bert'),
  hidden_act: z.literal('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  layer_norm_eps: z.number().positive(),
  max_position_embeddings: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  type_vocab_size: z.int().positive(),
  vocab_size: z.int().positive(),
});

/** Shape of a BERT encoder. */
export type BertConfig = z.output<typeof bertConfigSchema>;

/** Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`. */
export const readBertConfig = (folder: string): Promise<BertConfig> =>
  readModelJson(
    folder,
    'config.json',
    bertConfigSchema.refine(
      (config) => config.hidden_size % config.num_attention_heads === 0,
      'hidden_size is not a multiple of num_attention_heads',
    ),
  );
