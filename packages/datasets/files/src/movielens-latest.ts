import { basename } from 'node:path';
import { defineDatasetReader, z, type CatalogueItem, type DatasetReader, type Interaction } from '@tandem-rec/contract';

import { refusePart } from './dataset-folder.ts';
import type { DatasetArchive } from './fetch-dataset.ts';
import { downloadOption, fetchableFiles } from './fetchable-files.ts';
import { isId, parseNumber, parseTime } from './fields.ts';
import { readDelimited, type Dialect } from './read-delimited.ts';
import type { Parsed } from './read-rows.ts';

const NAME = 'ml-latest-small';
const REMEDY = `Set \`folder\` to where ratings.csv and movies.csv are, or TANDEM_DATA to the folder that contains ${NAME}.`;
const CSV: Dialect = { separator: ',', quote: '"', encoding: 'utf-8' };

/** Its authors change these files now and then, so only the archive's own checksums are verified. */
const ARCHIVE: DatasetArchive = {
  url: 'https://files.grouplens.org/datasets/movielens/ml-latest-small.zip',
  files: { 'ratings.csv': undefined, 'movies.csv': undefined, 'tags.csv': undefined },
  terms: 'For non-commercial use (see its README).',
};

/**
 * MovieLens in its CSV layout: latest-small (610 users, 9,724 rated films, 100,836 ratings of 0.5 to 5 stars) and, with
 * `folder`, its larger siblings (latest, 25M, 32M).
 *
 * Interactions come from `ratings.csv` in file order: kind `rating`, value the stars. Items come from `movies.csv`:
 * `text.title` with the year, genres as categories; with `tags`, `text.tags` holds what viewers wrote in `tags.csv`,
 * the most frequent first. Tags were written at any time, so they may know of the future of a split.
 *
 * Source: F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", 2015,
 * https://grouplens.org/datasets/movielens/latest/. Non-commercial use.
 *
 * @example dataset: movielensLatest()
 */
export const movielensLatest = defineDatasetReader({
  id: '@tandem-rec/dataset-files#movielensLatest',
  summary: 'MovieLens as CSV (latest-small and larger): ratings with times, titles, genres, tags.',
  options: z.strictObject({
    folder: z.string().optional().describe(`Folder with ratings.csv and movies.csv. Default: ${NAME} in TANDEM_DATA.`),
    download: downloadOption,
    tags: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe('How many of the most frequent tags of a film belong to its text.'),
  }),
  create: (options, env): DatasetReader => {
    const open = fetchableFiles(options, { name: NAME, archive: ARCHIVE, remedy: REMEDY }, env);
    const name = options.folder === undefined ? NAME : basename(options.folder);
    return {
      name,
      chronology: 'time',
      async *interactions(onError, part) {
        refusePart(name, part);
        yield* readDelimited(await open('ratings.csv'), CSV, onError, parseRating);
      },
      async *items(onError) {
        const tags = new Map<string, Map<string, number>>();
        if (options.tags > 0)
          for await (const { item, tag } of readDelimited(await open('tags.csv'), CSV, onError, parseTag)) {
            const counts = tags.get(item) ?? new Map<string, number>();
            tags.set(item, counts.set(tag, (counts.get(tag) ?? 0) + 1));
          }
        for await (const film of readDelimited(await open('movies.csv'), CSV, onError, parseFilm)) {
          const words = mostFrequent(tags.get(film.id), options.tags);
          yield words === '' ? film : { ...film, text: { ...film.text, tags: words } };
        }
      },
    };
  },
});

function parseRating(fields: readonly string[]): Parsed<Interaction> {
  const [user, item, stars, seconds] = fields;
  if (user === 'userId') return undefined;
  if (fields.length !== 4) return `Expected 4 fields, not ${fields.length}.`;
  if (!isId(user) || !isId(item)) return 'User or item is empty.';
  const value = parseNumber(stars);
  if (Number.isNaN(value)) return `The rating "${stars}" is not a number.`;
  const atMs = parseTime(seconds, 'seconds');
  if (Number.isNaN(atMs)) return `The time "${seconds}" is not a number of seconds.`;
  return { user, item, atMs, kind: 'rating', value };
}

function parseFilm(fields: readonly string[]): Parsed<CatalogueItem> {
  const [id, title, genres] = fields;
  if (id === 'movieId') return undefined;
  if (fields.length !== 3) return `Expected 3 fields, not ${fields.length}.`;
  if (!isId(id)) return 'The item is empty.';
  const categories = genres === '' || genres === '(no genres listed)' ? [] : genres.split('|');
  return { id, text: title === '' ? {} : { title }, categories };
}

function parseTag(fields: readonly string[]): Parsed<{ item: string; tag: string }> {
  const [user, item, tag] = fields;
  if (user === 'userId') return undefined;
  if (fields.length !== 4) return `Expected 4 fields, not ${fields.length}.`;
  return isId(item) ? { item, tag: tag.trim().toLowerCase() } : 'The item is empty.';
}

/** Frequent tags first, equal ones by the alphabet. */
function mostFrequent(counts: ReadonlyMap<string, number> | undefined, limit: number): string {
  return [...(counts ?? [])]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([tag]) => tag)
    .join(', ');
}
