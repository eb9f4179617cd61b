import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TandemError, type Environment } from '@tandem-rec/contract';
import { CachedEncoder, MiniLmEncoder } from '@tandem-rec/language';
import { FrozenFeatures } from './items/frozen-features.ts';
import type { ItemFeatures } from './items/item-features.ts';
import { SubwordFeatures } from './items/subword-features.ts';
import type { SettledOptions } from './transformer-options.ts';

/** Folder of the weights under the models folder, unless the options name one. */
const DEFAULT_WEIGHTS = 'all-MiniLM-L6-v2';
const SUBWORD_WIDTH = 64;

/** The text side that the options ask for. Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`. */
export async function openFeatures(options: SettledOptions, env: Environment): Promise<ItemFeatures> {
  const { encoder, weights, features, components, whitening, buckets, rowLearningRate } = options;
  const folder =
    weights !== undefined ? env.resolvePath(weights) : env.modelsFolder && join(env.modelsFolder, DEFAULT_WEIGHTS);
  const found = folder !== undefined && existsSync(join(folder, 'model.safetensors'));
  if (encoder === 'subwords' || (encoder === 'auto' && weights === undefined && !found)) {
    if (encoder === 'auto')
      env.log.info('No weights of a sentence encoder found: learning the items’ words from scratch', {
        lookedIn: folder ?? 'no models folder',
      });
    return new SubwordFeatures(buckets, features ?? SUBWORD_WIDTH, rowLearningRate, env.rng.fork('subwords'));
  }
  if (folder === undefined)
    throw new TandemError(
      'TANDEM_MODEL_WEIGHTS_MISSING',
      `${env.name} needs ${DEFAULT_WEIGHTS}, and there is no models folder.`,
    );
  const cached = new CachedEncoder(await MiniLmEncoder.open(folder), env);
  return new FrozenFeatures(cached, components, whitening, env.rng.fork('feature-map'));
}
