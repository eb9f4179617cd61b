import { defineDatasetReader, z, type CatalogueItem, type DatasetReader, type Interaction } from '@tandem-rec/contract';

import {
  encodingOption,
  interactionColumns,
  itemColumns,
  kindOption,
  partsOption,
  timeUnitOption,
} from './column-options.ts';
import { ConfiguredFiles } from './configured-files.ts';
import { asText, parseObject, scalarId } from './json-fields.ts';
import { makeInteraction } from './make-interaction.ts';
import { readRows, type Parsed } from './read-rows.ts';

const field = z.string().min(1).describe('Name of the field.');

/**
 * A file of JSON objects, one a line, with a map from fields to what they mean. Fields are texts or numbers; categories
 * are a list of texts, at any depth. Otherwise like `delimited`.
 *
 * @example
 * dataset: jsonl({
 *   file: 'events.jsonl', columns: { user: 'uid', item: 'sku', at: 'ts' }, time: 'iso',
 *   items: { file: 'products.jsonl', columns: { id: 'sku', text: { title: 'title' }, categories: 'categories' } },
 * })
 */
export const jsonl = defineDatasetReader({
  id: '@tandem-rec/dataset-files#jsonl',
  summary: 'Any file of JSON objects, one a line, with a map of their fields.',
  options: z.strictObject({
    name: z.string().min(1).optional().describe('Name of the dataset. Default: that of the file.'),
    file: z.string().min(1).describe('File of interactions, relative to the configuration.'),
    ...partsOption,
    columns: z.strictObject(interactionColumns(field)),
    time: timeUnitOption,
    kind: kindOption,
    encoding: encodingOption,
    items: z
      .strictObject({
        file: z.string().min(1).describe('File of items, relative to the configuration.'),
        columns: z.strictObject(itemColumns(field)),
        encoding: encodingOption,
      })
      .optional()
      .describe('Where the items are described, if anywhere.'),
  }),
  create: (options, env): DatasetReader => {
    const files = new ConfiguredFiles(options, env);
    const { columns } = options;
    return {
      name: files.name,
      chronology: columns.at === undefined ? 'order' : 'time',
      async *interactions(onError, part) {
        let place = 0;
        const parse = (line: string): Parsed<Interaction> => {
          const row = parseObject(line);
          if (typeof row === 'string') return row;
          const raw = (column: string | undefined): string | undefined =>
            column === undefined ? undefined : scalar(row[column]);
          const { user, item, at, kind, value, id } = columns;
          const rawId = (column: string | undefined): string | undefined =>
            column === undefined ? undefined : (scalarId(row[column]) ?? '');
          const fields = {
            user: rawId(user),
            item: rawId(item),
            at: raw(at),
            kind: raw(kind),
            value: raw(value),
            id: rawId(id),
          };
          return makeInteraction(fields, options.time, options.kind, place++);
        };
        for (const file of files.interactions(part)) yield* readRows(file, options.encoding, onError, parse);
      },
      async *items(onError) {
        const { items } = options;
        if (items !== undefined)
          yield* readRows(files.at(items.file), items.encoding, onError, (line) => parseItem(line, items.columns));
      },
    };
  },
});

/** The text of a text or a number; empty, and so refused, for anything else. */
function scalar(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function parseItem(
  line: string,
  columns: { id: string; text: Record<string, string>; categories?: string },
): Parsed<CatalogueItem> {
  const row = parseObject(line);
  if (typeof row === 'string') return row;
  const id = scalarId(row[columns.id]);
  if (id === undefined) return `${columns.id} is missing or no id.`;
  const text: Record<string, string> = {};
  for (const [name, column] of Object.entries(columns.text)) {
    const value = asText(row[column]);
    if (value !== undefined) text[name] = value;
  }
  const listed = columns.categories === undefined ? [] : (row[columns.categories] ?? []);
  if (!Array.isArray(listed)) return `${columns.categories} is no list.`;
  const categories: unknown[] = listed.flat(Infinity);
  return { id, text, categories: [...new Set(categories.filter((category) => typeof category === 'string'))] };
}
