import type { RowError } from '@tandem-rec/contract';

import { readLines, type TextEncoding } from './read-lines.ts';

/** A file of a dataset, and what a user can do if it is not there. */
export interface DatasetFile {
  readonly path: string;
  readonly howToFind: string;
}

/** What a row says; a text says why it says nothing; `undefined` passes over it silently. */
export type Parsed<T extends object> = T | string | undefined;

/** Streams what the lines of a file say. Empty lines are passed over; what cannot be understood goes to `onError` with its place. */
export async function* readRows<T extends object>(
  file: DatasetFile,
  encoding: TextEncoding,
  onError: (error: RowError) => void,
  parse: (text: string) => Parsed<T>,
): AsyncGenerator<T> {
  for await (const { first, lines } of readLines(file.path, encoding, file.howToFind)) {
    for (let k = 0; k < lines.length; k++) {
      if (lines[k] === '') continue;
      const row = parse(lines[k]);
      if (typeof row === 'object') yield row;
      else if (row !== undefined) onError({ file: file.path, line: first + k, reason: row });
    }
  }
}
