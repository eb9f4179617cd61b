import { existsSync } from 'node:fs';
import { defineDatasetReader, z, type DatasetReader, type GivenPart, type Interaction } from '@tandem-rec/contract';

import { datasetFile, datasetFolder } from './dataset-folder.ts';
import { ORDER_EPOCH_MS } from './fields.ts';
import { readRows } from './read-rows.ts';
import { parseSequence } from './sequence.ts';

/**
 * Files in LightGCN's format (Gowalla, Yelp2018, Amazon-Book): `train.txt` and `test.txt` with a line
 * `user item item …` for every user, and `valid.txt` where there is one. Use it with `split: { by: 'given' }`.
 *
 * The files hold neither times nor texts: every event is at 2000-01-01 UTC, and there are no items to describe.
 *
 * Source: X. He et al., "LightGCN", SIGIR 2020, https://github.com/kuandeng/LightGCN.
 *
 * @example dataset: lightgcnFiles({ name: 'gowalla' })
 */
export const lightgcnFiles = defineDatasetReader({
  id: '@tandem-rec/dataset-files#lightgcnFiles',
  summary: 'LightGCN’s train.txt and test.txt (Gowalla, Yelp2018, Amazon-Book): a given split, no times, no texts.',
  options: z.strictObject({
    name: z.string().min(1).default('gowalla').describe('Name of the dataset and of its folder in TANDEM_DATA.'),
    folder: z
      .string()
      .optional()
      .describe('Folder with train.txt and test.txt. Default: the folder `name` in TANDEM_DATA.'),
  }),
  create: ({ name, folder: given }, env): DatasetReader => {
    const folder = datasetFolder(given, name, env);
    const remedy = `Set \`folder\` to where train.txt and test.txt are, or TANDEM_DATA to the folder that contains ${name}.`;
    const read = async function* (
      part: GivenPart,
      onError: Parameters<DatasetReader['interactions']>[0],
    ): AsyncGenerator<Interaction> {
      const file = datasetFile(folder, `${part}.txt`, remedy);
      if (part === 'valid' && !existsSync(file.path)) return;
      for await (const { user, items } of readRows(file, 'utf-8', onError, parseSequence))
        for (const item of items) yield { user, item, atMs: ORDER_EPOCH_MS, kind: 'interaction', value: 1 };
    };
    return {
      name,
      chronology: 'none',
      async *interactions(onError, part) {
        for (const one of part === undefined ? (['train', 'valid', 'test'] as const) : [part])
          yield* read(one, onError);
      },
      async *items() {},
    };
  },
});
