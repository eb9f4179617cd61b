import { defineDatasetReader, z, type CatalogueItem, type DatasetReader, type Interaction } from '@tandem-rec/contract';

import { refusePart } from './dataset-folder.ts';
import type { DatasetArchive } from './fetch-dataset.ts';
import { downloadOption, fetchableFiles } from './fetchable-files.ts';
import { isId, parseNumber, parseTime } from './fields.ts';
import { readRows, type Parsed } from './read-rows.ts';

const NAME = 'ml-100k';
const REMEDY = `Set \`folder\` to where u.data and u.item are, or TANDEM_DATA to the folder that contains ${NAME}.`;

/** The 19 flags that end a line of u.item, in the order of u.genre. The first says that no genre is known. */
const GENRES =
  "unknown|Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|Musical|Mystery|Romance|Sci-Fi|Thriller|War|Western".split(
    '|',
  );

const ARCHIVE: DatasetArchive = {
  url: 'https://files.grouplens.org/datasets/movielens/ml-100k.zip',
  files: {
    'u.data': '06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490',
    'u.item': 'a4a4510a66ae9f7f208dbce7ebabc119533be5389bcc73090d21ea7af595933a',
  },
  terms: 'For research; not to be redistributed (see its README).',
};

/**
 * MovieLens 100K as GroupLens publishes it: 943 users, 1,682 films, 100,000 ratings of 1 to 5 stars with their times.
 *
 * Interactions come from `u.data` in file order: kind `rating`, value the stars. Items come from `u.item` (latin-1):
 * `text.title` with the year, genres as categories.
 *
 * Source: F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", 2015,
 * https://grouplens.org/datasets/movielens/100k/. Research use; no redistribution.
 *
 * @example dataset: movielens100k()
 */
export const movielens100k = defineDatasetReader({
  id: '@tandem-rec/dataset-files#movielens100k',
  summary: 'MovieLens 100K: 100,000 ratings with times, titles and genres.',
  options: z.strictObject({
    folder: z.string().optional().describe(`Folder with u.data and u.item. Default: ${NAME} in TANDEM_DATA.`),
    download: downloadOption,
  }),
  create: (options, env): DatasetReader => {
    const open = fetchableFiles(options, { name: NAME, archive: ARCHIVE, remedy: REMEDY }, env);
    return {
      name: NAME,
      chronology: 'time',
      async *interactions(onError, part) {
        refusePart(NAME, part);
        yield* readRows(await open('u.data'), 'latin1', onError, parseRating);
      },
      async *items(onError) {
        yield* readRows(await open('u.item'), 'latin1', onError, parseFilm);
      },
    };
  },
});

function parseRating(text: string): Parsed<Interaction> {
  const [user, item, stars, seconds, ...more] = text.split('\t');
  if (seconds === undefined || more.length > 0) return 'Expected user, item, rating and time, separated by tabs.';
  if (!isId(user) || !isId(item)) return 'User or item is empty.';
  const value = parseNumber(stars);
  if (Number.isNaN(value)) return `The rating "${stars}" is not a number.`;
  const atMs = parseTime(seconds, 'seconds');
  if (Number.isNaN(atMs)) return `The time "${seconds}" is not a number of seconds.`;
  return { user, item, atMs, kind: 'rating', value };
}

function parseFilm(text: string): Parsed<CatalogueItem> {
  const fields = text.split('|');
  const [id, title] = fields;
  if (fields.length < 5 + GENRES.length) return `Expected 24 fields separated by bars, not ${fields.length}.`;
  // Counted from the end: line 267 of the original has one field too many.
  const flags = fields.slice(-GENRES.length);
  if (!isId(id)) return 'The item is empty.';
  if (!flags.every((flag) => flag === '0' || flag === '1')) return 'A genre is neither 0 nor 1.';
  return {
    id,
    text: title === '' ? {} : { title },
    categories: GENRES.filter((_, genre) => genre > 0 && flags[genre] === '1'),
  };
}
