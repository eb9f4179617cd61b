import { join } from 'node:path';
import { TandemError, z } from '@tandem-rec/contract';
import { readModelJson } from '../weights/model-json.ts';
import type { Architecture } from './architecture.ts';
import { bert, bertConfigSchema } from './bert.ts';
import { gpt2, gpt2ConfigSchema } from './gpt2.ts';
import { gptNeox, gptNeoxConfigSchema } from './gpt-neox.ts';
import { llama, llamaConfigSchema } from './llama.ts';

const entry = <S extends z.ZodType>(schema: S, of: (config: z.output<S>) => Architecture) => ({
  read: async (folder: string): Promise<Architecture> => of(await readModelJson(folder, 'config.json', schema)),
});

/** By `model_type` of `config.json`. */
const ARCHITECTURES: Readonly<Record<string, { read(folder: string): Promise<Architecture> } | undefined>> = {
  bert: entry(bertConfigSchema, bert),
  gpt2: entry(gpt2ConfigSchema, gpt2),
  gpt_neox: entry(gptNeoxConfigSchema, gptNeox),
  llama: entry(llamaConfigSchema, llama),
};

/**
 * The architecture that `config.json` of a model's folder describes. Throws `TANDEM_MODEL_WEIGHTS_MISSING`, or `_INVALID`
 * where it is none of those known here or its configuration asks for what is not implemented.
 */
export async function readArchitecture(folder: string): Promise<Architecture> {
  const { model_type: type } = await readModelJson(folder, 'config.json', z.object({ model_type: z.string() }));
  const architecture = ARCHITECTURES[type];
  if (!architecture)
    throw new TandemError(
      'TANDEM_MODEL_WEIGHTS_INVALID',
      `${join(folder, 'config.json')} describes a model of type ${type}; there are: ${Object.keys(ARCHITECTURES).join(', ')}.`,
      { details: { path: join(folder, 'config.json') } },
    );
  return architecture.read(folder);
}
