import { bertConfigSchema, type BertConfig } from '../architectures/bert.ts';
import { readModelJson } from '../weights/model-json.ts';

export type { BertConfig };

/** Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`. The forward pass on plain arrays knows the exact GELU only. */
export const readBertConfig = (folder: string): Promise<BertConfig> =>
  readModelJson(
    folder,
    'config.json',
    bertConfigSchema.refine(({ hidden_act: name }) => name === 'gelu', 'hidden_act is not gelu'),
  );
