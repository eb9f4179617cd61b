import { join } from 'node:path';
import { z, type Environment } from '@tandem-rec/contract';

import { datasetFile, datasetFolder } from './dataset-folder.ts';
import { fetchDataset, type DatasetArchive } from './fetch-dataset.ts';
import type { DatasetFile } from './read-rows.ts';

/** Option of readers that can fetch their dataset. */
export const downloadOption = z
  .union([z.boolean(), z.url()])
  .default(false)
  .describe('Fetches the dataset from its authors where it is missing; a URL: from a mirror of the archive.');

/**
 * Files of a dataset that may be fetched: from its folder, which the archive fills first if the options say so. Without a
 * folder of datasets it is kept in the cache. Throws `TANDEM_DATASET_MISSING` where no folder is known.
 */
export function fetchableFiles(
  options: { readonly folder?: string; readonly download: boolean | string },
  { name, archive, remedy }: { readonly name: string; readonly archive: DatasetArchive; readonly remedy: string },
  env: Environment,
): (file: string) => Promise<DatasetFile> {
  const { download } = options;
  const known = datasetFolder(options.folder, name, env);
  const folder = known === undefined && download !== false ? join(env.cacheFolder, 'datasets', name) : known;
  return async (file) => {
    if (folder !== undefined && download !== false)
      await fetchDataset(download === true ? archive : { ...archive, url: download }, folder, env);
    return datasetFile(folder, file, remedy);
  };
}
