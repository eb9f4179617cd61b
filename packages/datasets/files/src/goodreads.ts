import { defineDatasetReader, z, type CatalogueItem, type DatasetReader, type Interaction } from '@tandem-rec/contract';

import { datasetFile, datasetFolder, refusePart } from './dataset-folder.ts';
import { ORDER_EPOCH_MS } from './fields.ts';
import { asText, parseObject, scalarId } from './json-fields.ts';
import { readRows, type Parsed } from './read-rows.ts';

/**
 * Books and who read them, as ONCE published its Goodreads data: `histories.jsonl` with `{ u, h: [book, …] }` for every
 * user, and `items.jsonl` with `{ id, title, gpt35_desc }`. A list says which books somebody read, not when: split it at
 * random.
 *
 * `gpt35_desc` is what GPT-3.5 wrote about a book, from its title alone. By default it is left to the strategy `profile`,
 * which reads it from the same file, so that a comparison without it is one without it. What GPT-3.5 wrote about users
 * (`gpt35_user_profiler.jsonl`) was written with their whole lists in view, held-out books included: it is not for
 * evaluation.
 *
 * Source: Q. Liu et al., "ONCE: Boosting Content-based Recommendation with Both Open- and Closed-source Large Language
 * Models", WSDM 2024; the UCSD Book Graph of M. Wan and J. McAuley.
 *
 * @example dataset: goodreads()
 */
export const goodreads = defineDatasetReader({
  id: '@tandem-rec/dataset-files#goodreads',
  summary: 'Goodreads as ONCE published it: lists of books read, titles, and what GPT-3.5 wrote about books.',
  options: z.strictObject({
    folder: z
      .string()
      .optional()
      .describe('Folder with histories.jsonl and items.jsonl. Default: the folder `goodreads-once` in TANDEM_DATA.'),
    descriptions: z.boolean().default(false).describe('Whether what GPT-3.5 wrote is part of an item’s text.'),
  }),
  create: ({ folder: given, descriptions }, env): DatasetReader => {
    const folder = datasetFolder(given, 'goodreads-once', env);
    const remedy =
      'Set `folder` to where histories.jsonl and items.jsonl are, or TANDEM_DATA to the folder that contains goodreads-once.';
    return {
      name: 'goodreads-once',
      chronology: 'none',
      async *interactions(onError, part) {
        refusePart('goodreads-once', part);
        const file = datasetFile(folder, 'histories.jsonl', remedy);
        for await (const { user, books } of readRows(file, 'utf-8', onError, parseHistory))
          for (const item of books) yield read(user, item);
      },
      async *items(onError) {
        const file = datasetFile(folder, 'items.jsonl', remedy);
        yield* readRows(file, 'utf-8', onError, (line) => parseBook(line, descriptions));
      },
    };
  },
});

const read = (user: string, item: string): Interaction => ({
  user,
  item,
  atMs: ORDER_EPOCH_MS,
  kind: 'read',
  value: 1,
});

function parseHistory(line: string): Parsed<{ readonly user: string; readonly books: readonly string[] }> {
  const row = parseObject(line);
  if (typeof row === 'string') return row;
  const user = scalarId(row['u']);
  if (user === undefined) return 'u is missing or no id.';
  if (!Array.isArray(row['h'])) return 'h is no list.';
  const books = row['h'].map(scalarId).filter((id) => id !== undefined);
  return books.length === row['h'].length ? { user, books } : 'h holds something that is no id.';
}

function parseBook(line: string, descriptions: boolean): Parsed<CatalogueItem> {
  const row = parseObject(line);
  if (typeof row === 'string') return row;
  const id = scalarId(row['id']);
  if (id === undefined) return 'id is missing or no id.';
  const title = asText(row['title']);
  const description = descriptions ? asText(row['gpt35_desc']) : undefined;
  return { id, text: { ...(title && { title }), ...(description && { description }) }, categories: [] };
}
