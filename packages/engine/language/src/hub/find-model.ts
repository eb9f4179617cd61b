import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TandemError, type Environment } from '@tandem-rec/contract';
import { fetchHubModel } from './hub-model.ts';

const HUB = 'https://huggingface.co';
const HUB_ID = /^(\w[\w.-]*\/\w[\w.-]*)(?:@(\w[\w./-]*))?$/;

/** How a model is looked for. */
export interface FindModelOptions {
  /** Base URL of the hub, for mirrors. Default: the environment's `HF_ENDPOINT`, else https://huggingface.co. */
  readonly hub?: string;
  /** Token of somebody who may see private models and has accepted the terms of gated ones. Default: the environment's `HF_TOKEN`. */
  readonly token?: string;
}

/**
 * The folder of a model, named by a path, by a folder of the models folder (`all-MiniLM-L6-v2`; of a hub id the last part
 * counts, too), or by a hub id, `organisation/name` or `organisation/name@revision`, which is fetched into the cache folder
 * once and checked by SHA-256 from then on.
 * Throws `TANDEM_MODEL_WEIGHTS_MISSING`, saying where it was looked for; `TANDEM_MODEL_DOWNLOAD`;
 * `TANDEM_MODEL_WEIGHTS_INVALID` where the cache was damaged.
 */
export async function findModel(
  reference: string,
  env: Pick<Environment, 'name' | 'log' | 'clock' | 'signal' | 'cacheFolder' | 'modelsFolder' | 'resolvePath'>,
  { hub = process.env['HF_ENDPOINT'] || HUB, token = process.env['HF_TOKEN'] }: FindModelOptions = {},
): Promise<string> {
  const [, id, revision] = HUB_ID.exec(reference) ?? [];
  const places = [env.resolvePath(reference)];
  if (env.modelsFolder !== undefined) {
    places.push(join(env.modelsFolder, reference));
    if (id !== undefined && revision === undefined) places.push(join(env.modelsFolder, id.split('/')[1]));
  }
  const local = places.find((folder) => existsSync(join(folder, 'config.json')));
  if (local !== undefined) return local;
  if (id === undefined)
    throw new TandemError(
      'TANDEM_MODEL_WEIGHTS_MISSING',
      `${env.name} needs the model ${reference}: there is no config.json in ${[...new Set(places)].join(' nor in ')}, and it is no hub id (organisation/name).`,
      { details: { places } },
    );
  const folder = join(env.cacheFolder, 'models', `${id}@${revision ?? 'main'}`.replaceAll('/', '--'));
  await fetchHubModel({ id, revision: revision ?? 'main' }, folder, { url: hub, token }, env);
  return folder;
}
