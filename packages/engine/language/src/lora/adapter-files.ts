import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DenseParameters } from '@tandem-rec/compute';
import { TandemError, z } from '@tandem-rec/contract';
import type { Architecture } from '../architectures/architecture.ts';
import { readModelJson } from '../weights/model-json.ts';
import { Safetensors } from '../weights/safetensors.ts';
import { writeSafetensors, type NamedTensor } from '../weights/write-safetensors.ts';
import { Lora, namesOf } from './lora.ts';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';

/** What peft writes, as far as it can be said here: one rank for all layers, no trained biases, no DoRA. */
const configSchema = z.object({
  peft_type: z.literal('LORA'),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([z.array(z.string()).nonempty(), z.string()]),
  bias: z.literal('none').default('none'),
  use_dora: z.literal(false).default(false),
  use_rslora: z.boolean().default(false),
  rank_pattern: z.record(z.string(), z.never()).nullish(),
  alpha_pattern: z.record(z.string(), z.never()).nullish(),
  modules_to_save: z.null().optional(),
});

/** A layer's matrices in peft's file, whose names go from the model that wraps the model. */
const fileName = (parameter: string): string => parameter.replace('lora/', 'base_model.model.');

/**
 * Writes an adapter as peft does (`adapter_config.json`, `adapter_model.safetensors`), so that it can be used with
 * Hugging Face's libraries and comes back with {@link openAdapter}. Only the pairs are written.
 * @param base hub id or path of the model that it adapts, for the reader's information
 */
export async function saveAdapter(
  folder: string,
  lora: Lora,
  dense: DenseParameters,
  { base, causal }: { readonly base?: string; readonly causal: boolean },
): Promise<void> {
  const { rank, alpha, dropout = 0, targets, rankStabilised = false } = lora.options;
  const tensors = lora.layers.flatMap((layer): NamedTensor[] => {
    const { a, b } = namesOf(layer);
    return [
      { name: fileName(a), shape: [rank, layer.inputs], data: dense.get(a) },
      { name: fileName(b), shape: [layer.outputs, rank], data: dense.get(b) },
    ];
  });
  const config = {
    peft_type: 'LORA',
    task_type: causal ? 'CAUSAL_LM' : 'FEATURE_EXTRACTION',
    base_model_name_or_path: base ?? null,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: targets,
    fan_in_fan_out: lora.layers.every(({ transposed }) => transposed),
    bias: 'none',
    use_rslora: rankStabilised,
    inference_mode: true,
  };
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, WEIGHTS), tensors);
  const partial = join(folder, `${CONFIG}.partial`);
  await writeFile(partial, `${JSON.stringify(config, null, 2)}\n`);
  await rename(partial, join(folder, CONFIG));
}

/** An adapter that was read. */
export interface OpenedAdapter {
  readonly lora: Lora;
  /** Adds its pairs to the parameters, with their values; or gives the values to those that are declared already. */
  load(dense: DenseParameters): void;
}

/**
 * Reads an adapter in peft's layout for a model of this architecture, all of it or nothing. Throws
 * `TANDEM_MODEL_WEIGHTS_MISSING` or `TANDEM_MODEL_WEIGHTS_INVALID`, naming file and tensor.
 */
export async function openAdapter(folder: string, architecture: Pick<Architecture, 'linears'>): Promise<OpenedAdapter> {
  const config = await readModelJson(folder, CONFIG, configSchema);
  let lora: Lora;
  try {
    lora = new Lora(architecture, {
      rank: config.r,
      alpha: config.lora_alpha,
      targets: config.target_modules,
      dropout: config.lora_dropout,
      rankStabilised: config.use_rslora,
    });
  } catch (cause) {
    throw new TandemError(
      'TANDEM_MODEL_WEIGHTS_INVALID',
      `${join(folder, CONFIG)} is for another model: ${(cause as Error).message}`,
      { cause, details: { path: join(folder, CONFIG) } },
    );
  }
  const path = join(folder, WEIGHTS);
  const file = await Safetensors.open(path);
  const tensors: NamedTensor[] = [];
  try {
    const wanted = lora.layers.flatMap((layer) => {
      const { a, b } = namesOf(layer);
      return [
        { name: a, shape: [config.r, layer.inputs] },
        { name: b, shape: [layer.outputs, config.r] },
      ];
    });
    const known = new Set(wanted.map(({ name }) => fileName(name)));
    const foreign = file.names.find((name) => !known.has(name));
    if (foreign !== undefined)
      throw new TandemError(
        'TANDEM_MODEL_WEIGHTS_INVALID',
        `The weight file ${path} has the tensor ${foreign}, which the model has no place for.`,
        { details: { path, tensor: foreign } },
      );
    for (const { name, shape } of wanted) tensors.push({ name, shape, data: await file.read(fileName(name), shape) });
  } finally {
    await file.close();
  }
  return {
    lora,
    load: (dense) => {
      for (const { name, shape, data } of tensors)
        if (dense.names.includes(name)) dense.get(name).set(data);
        else dense.declare(name, shape, (into) => into.set(data));
    },
  };
}
