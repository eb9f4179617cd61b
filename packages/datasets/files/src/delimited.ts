import {
  defineDatasetReader,
  TandemError,
  z,
  type CatalogueItem,
  type DatasetReader,
  type Interaction,
} from '@tandem-rec/contract';

import {
  encodingOption,
  interactionColumns,
  itemColumns,
  kindOption,
  partsOption,
  timeUnitOption,
} from './column-options.ts';
import { ConfiguredFiles } from './configured-files.ts';
import { isId } from './fields.ts';
import { makeInteraction } from './make-interaction.ts';
import { readDelimited, type Dialect } from './read-delimited.ts';
import type { Parsed } from './read-rows.ts';

const column = z
  .union([z.string().min(1), z.int().min(1)])
  .describe('Name in the header, or number of the column counted from 1.');

const dialect = {
  separator: z.string().min(1).default(',').describe('Between fields, for example `,`, a tab or `::`.'),
  quotes: z.boolean().default(true).describe('Whether fields may stand in double quotes.'),
  header: z.boolean().default(true).describe('Whether the first record names the columns.'),
};

/**
 * Any delimited file (CSV, TSV, …) with a map from columns to what they mean.
 *
 * Columns are given by their name in the header or by number from 1. Without an `at` column the order of the file is
 * the order of events (one second apart from 2000-01-01 UTC). A row whose mapped column is missing, empty or of the
 * wrong kind is counted with file and line and left out. Empty lines are passed over.
 *
 * @example
 * dataset: delimited({
 *   file: 'ratings.tsv', separator: '\t', header: false,
 *   columns: { user: 1, item: 2, value: 3, at: 4 }, time: 'seconds', kind: 'rating',
 *   items: { file: 'films.csv', columns: { id: 'film', text: { title: 'name' }, categories: 'genres' }, categorySeparator: '|' },
 * })
 */
export const delimited = defineDatasetReader({
  id: '@tandem-rec/dataset-files#delimited',
  summary: 'Any CSV or TSV file, with a map of its columns.',
  options: z.strictObject({
    name: z.string().min(1).optional().describe('Name of the dataset. Default: that of the file.'),
    file: z.string().min(1).describe('File of interactions, relative to the configuration.'),
    ...partsOption,
    ...dialect,
    columns: z.strictObject(interactionColumns(column)),
    time: timeUnitOption,
    kind: kindOption,
    encoding: encodingOption,
    items: z
      .strictObject({
        file: z.string().min(1).describe('File of items, relative to the configuration.'),
        ...dialect,
        columns: z.strictObject(itemColumns(column)),
        categorySeparator: z.string().min(1).default('|').describe('Between the categories in their column.'),
        encoding: encodingOption,
      })
      .optional()
      .describe('Where the items are described, if anywhere.'),
  }),
  create: (options, env): DatasetReader => {
    const files = new ConfiguredFiles(options, env);
    return {
      name: files.name,
      chronology: options.columns.at === undefined ? 'order' : 'time',
      async *interactions(onError, part) {
        let place = 0;
        for (const file of files.interactions(part)) {
          const columns = new Columns(file.path, options.header, options.columns);
          yield* readDelimited<Interaction>(file, dialectOf(options), onError, (fields) => {
            if (columns.isHeader(fields)) return undefined;
            return makeInteraction(columns.read(fields), options.time, options.kind, place++);
          });
        }
      },
      async *items(onError) {
        const { items } = options;
        if (items === undefined) return;
        const file = files.at(items.file);
        const { id, text, categories } = items.columns;
        const fixed = new Columns(file.path, items.header, { id, categories });
        const texts = new Columns(file.path, items.header, text);
        yield* readDelimited<CatalogueItem>(file, dialectOf(items), onError, (fields) => {
          const isHeader = texts.isHeader(fields);
          if (fixed.isHeader(fields) || isHeader) return undefined;
          return makeItem(fixed.read(fields), texts.read(fields), items.categorySeparator);
        });
      },
    };
  },
});

/** Where mapped columns stand in a record, known once the header was read. */
class Columns<K extends string> {
  readonly #file: string;
  readonly #map: readonly (readonly [K, string | number])[];
  #places: readonly (readonly [K, number])[] | undefined;

  constructor(file: string, header: boolean, map: Readonly<Partial<Record<K, string | number>>>) {
    this.#file = file;
    this.#map = Object.entries(map).filter((entry): entry is [K, string | number] => entry[1] !== undefined);
    if (!header) this.#place(undefined);
  }

  /** True once: for the first record, where there is a header. */
  isHeader(fields: readonly string[]): boolean {
    if (this.#places !== undefined) return false;
    this.#place(fields);
    return true;
  }

  /** The mapped fields; those beyond the record's end are missing. */
  read(fields: readonly string[]): Record<K, string | undefined> {
    const found = {} as Record<K, string | undefined>;
    for (const [key, place] of this.#places!) found[key] = fields[place] ?? '';
    return found;
  }

  #place(header: readonly string[] | undefined): void {
    this.#places = this.#map.map(([key, column]) => {
      const place = typeof column === 'number' ? column - 1 : (header?.indexOf(column) ?? -1);
      if (place < 0)
        throw new TandemError('TANDEM_DATASET_UNREADABLE', `${this.#file} has no column "${column}" for ${key}.`, {
          remedy:
            header === undefined
              ? 'Without a header columns are given by number, counted from 1.'
              : `Its header has: ${header.join(', ')}.`,
        });
      return [key, place];
    });
  }
}

function makeItem(
  fixed: Record<'id' | 'categories', string | undefined>,
  texts: Record<string, string | undefined>,
  categorySeparator: string,
): Parsed<CatalogueItem> {
  if (!isId(fixed.id)) return 'The item is no id.';
  const categories = (fixed.categories ?? '').split(categorySeparator).map((category) => category.trim());
  const text = Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  return { id: fixed.id, text, categories: categories.filter((category) => category !== '') };
}

const dialectOf = (options: { separator: string; quotes: boolean; encoding: Dialect['encoding'] }): Dialect => ({
  separator: options.separator,
  quote: options.quotes ? '"' : undefined,
  encoding: options.encoding,
});
