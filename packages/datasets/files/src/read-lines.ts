import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { TandemError } from '@tandem-rec/contract';

/** `latin1` is ISO 8859-1, byte for byte. Bytes that are not UTF-8 become U+FFFD. */
export type TextEncoding = 'utf-8' | 'latin1';

/** Consecutive lines of a file, without their ends. */
export interface LineBlock {
  /** Number of the first line, 1-based. */
  readonly first: number;
  readonly lines: readonly string[];
}

/** A longer line means that this is not the text file it was taken for. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/**
 * Streams the lines of a text file, however large. Lines end in LF or CRLF, the last one with or without; a byte order
 * mark is left out.
 *
 * @param howToFind what the user can set if the file is missing
 * @throws TandemError `TANDEM_DATASET_MISSING`, `TANDEM_DATASET_UNREADABLE`
 */
export async function* readLines(file: string, encoding: TextEncoding, howToFind: string): AsyncGenerator<LineBlock> {
  const decoder = new StringDecoder(encoding);
  let first = 1;
  let rest = '';
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = lines.pop()!;
      if (rest.length > MAX_LINE_CHARACTERS)
        throw new TandemError('TANDEM_DATASET_UNREADABLE', `${file}: line ${first + lines.length} never ends.`);
      if (lines.length === 0) continue;
      yield block(first, lines);
      first += lines.length;
    }
  } catch (error) {
    throw asDatasetError(error, file, howToFind);
  }
  rest += decoder.end();
  if (rest !== '') yield block(first, [rest]);
}

/** What a failure to open or read a file means to the user. */
function asDatasetError(error: unknown, file: string, howToFind: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (TandemError.is(error) || code === undefined) return error;
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? new TandemError('TANDEM_DATASET_MISSING', `${file} does not exist.`, {
        cause: error,
        remedy: howToFind,
        details: { file },
      })
    : new TandemError('TANDEM_DATASET_UNREADABLE', `${file} cannot be read: ${message}.`, {
        cause: error,
        details: { file },
      });
}

function block(first: number, lines: string[]): LineBlock {
  if (first === 1 && lines[0].startsWith('\ufeff')) lines[0] = lines[0].slice(1);
  for (let k = 0; k < lines.length; k++) if (lines[k].endsWith('\r')) lines[k] = lines[k].slice(0, -1);
  return { first, lines };
}
