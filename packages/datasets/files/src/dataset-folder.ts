import { join } from 'node:path';
import { TandemError, type Environment } from '@tandem-rec/contract';

import type { DatasetFile } from './read-rows.ts';

/** Where a dataset lies: `folder` of the options against the configuration's folder, else `name` under `TANDEM_DATA`. */
export function datasetFolder(folder: string | undefined, name: string, env: Environment): string | undefined {
  if (folder !== undefined) return env.resolvePath(folder);
  return env.dataFolder === undefined ? undefined : join(env.dataFolder, name);
}

/** A file of the dataset. Throws `TANDEM_DATASET_MISSING` where no folder is known. */
export function datasetFile(folder: string | undefined, file: string, remedy: string): DatasetFile {
  if (folder === undefined)
    throw new TandemError('TANDEM_DATASET_MISSING', `${file}: there is no folder of datasets to look in.`, { remedy });
  return { path: join(folder, file), howToFind: remedy };
}

/** For readers of datasets that come without a split of their own. */
export function refusePart(name: string, part: string | undefined): void {
  if (part !== undefined)
    throw new TandemError('TANDEM_DATASET_NO_SPLIT', `Dataset ${name} has no ${part} part of its own.`);
}
