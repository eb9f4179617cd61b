import { defineDatasetReader, z, type CatalogueItem, type DatasetReader, type Interaction } from '@tandem-rec/contract';

import { datasetFile, datasetFolder, refusePart } from './dataset-folder.ts';
import { ORDER_EPOCH_MS, ORDER_STEP_MS } from './fields.ts';
import { asText, parseObject, scalarId } from './json-fields.ts';
import { readRows, type Parsed } from './read-rows.ts';
import { parseSequence } from './sequence.ts';

/**
 * Amazon reviews as S³-Rec and P5 publish them: `sequential_data.txt` with a line `user item item …` for every user,
 * oldest first, and `items.jsonl` with `{ id, title, categories }`, where it is there.
 *
 * The files hold an order and no times. Event k of a user gets 2000-01-01 UTC plus k hours, which says just that.
 * Category paths are flattened, each name once.
 *
 * Source: J. McAuley's Amazon product data of 2014; format of K. Zhou et al., "S³-Rec", CIKM 2020.
 *
 * @example dataset: amazonSequential({ name: 'amazon-beauty' })
 */
export const amazonSequential = defineDatasetReader({
  id: '@tandem-rec/dataset-files#amazonSequential',
  summary: 'Amazon review sequences (Beauty, Sports, Toys): order without times, titles, categories.',
  options: z.strictObject({
    name: z.string().min(1).default('amazon-beauty').describe('Name of the dataset and of its folder in TANDEM_DATA.'),
    folder: z
      .string()
      .optional()
      .describe('Folder with sequential_data.txt and items.jsonl. Default: the folder `name` in TANDEM_DATA.'),
  }),
  create: ({ name, folder: given }, env): DatasetReader => {
    const folder = datasetFolder(given, name, env);
    const remedy = `Set \`folder\` to where sequential_data.txt and items.jsonl are, or TANDEM_DATA to the folder that contains ${name}.`;
    return {
      name,
      chronology: 'order',
      async *interactions(onError, part) {
        refusePart(name, part);
        for await (const { user, items } of readRows(
          datasetFile(folder, 'sequential_data.txt', remedy),
          'utf-8',
          onError,
          parseSequence,
        )) {
          for (let k = 0; k < items.length; k++) yield review(user, items[k], k);
        }
      },
      async *items(onError) {
        yield* readRows(datasetFile(folder, 'items.jsonl', remedy), 'utf-8', onError, parseProduct);
      },
    };
  },
});

const review = (user: string, item: string, place: number): Interaction => ({
  user,
  item,
  atMs: ORDER_EPOCH_MS + place * ORDER_STEP_MS,
  kind: 'review',
  value: 1,
});

function parseProduct(line: string): Parsed<CatalogueItem> {
  const product = parseObject(line);
  if (typeof product === 'string') return product;
  const id = scalarId(product['id']);
  if (id === undefined) return 'id is missing or no id.';
  const title = asText(product['title']);
  const paths = product['categories'] ?? [];
  if (!Array.isArray(paths)) return 'categories is no list.';
  const names = paths.flat().filter((name) => typeof name === 'string');
  return { id, text: title === undefined ? {} : { title }, categories: [...new Set(names)] };
}
