import type { RowError } from '@tandem-rec/contract';

import { readLines, type TextEncoding } from './read-lines.ts';
import type { DatasetFile, Parsed } from './read-rows.ts';

/** How fields are written down. */
export interface Dialect {
  /** One or more characters between fields. */
  readonly separator: string;
  /** Around a field that contains separators, quotes (doubled) or line ends; `undefined`: quotes are ordinary characters. */
  readonly quote: string | undefined;
  readonly encoding: TextEncoding;
}

/** A quoted field of more characters is a quote that was never closed. */
const MAX_RECORD_CHARACTERS = 1024 * 1024;

/** Streams what the records of a delimited file say. A record spans lines where a quoted field does; errors name its first line. */
export async function* readDelimited<T extends object>(
  file: DatasetFile,
  dialect: Dialect,
  onError: (error: RowError) => void,
  parse: (fields: readonly string[]) => Parsed<T>,
): AsyncGenerator<T> {
  const fail = (line: number, reason: string): void => onError({ file: file.path, line, reason });
  let open = '';
  let openLine = 0;
  for await (const { first, lines } of readLines(file.path, dialect.encoding, file.howToFind)) {
    for (let k = 0; k < lines.length; k++) {
      if (openLine === 0 && lines[k] === '') continue;
      const text = openLine === 0 ? lines[k] : `${open}\n${lines[k]}`;
      const line = openLine === 0 ? first + k : openLine;
      const fields = splitFields(text, dialect);
      if (fields === undefined && text.length <= MAX_RECORD_CHARACTERS) {
        open = text;
        openLine = line;
        continue;
      }
      openLine = 0;
      const row = fields === undefined ? UNCLOSED : parse(fields);
      if (typeof row === 'object') yield row;
      else if (row !== undefined) fail(line, row);
    }
  }
  if (openLine !== 0) fail(openLine, UNCLOSED);
}

const UNCLOSED = 'A quote is not closed.';

/** The fields of a record (RFC 4180), or undefined if a quoted field goes on in the next line. */
export function splitFields(
  text: string,
  { separator, quote }: Pick<Dialect, 'separator' | 'quote'>,
): readonly string[] | undefined {
  if (quote === undefined || !text.includes(quote)) return text.split(separator);
  const fields: string[] = [];
  let at = 0;
  while (true) {
    let field = '';
    if (text.startsWith(quote, at)) {
      at += quote.length;
      while (true) {
        const end = text.indexOf(quote, at);
        if (end < 0) return undefined;
        field += text.slice(at, end);
        at = end + quote.length;
        if (!text.startsWith(quote, at)) break;
        field += quote;
        at += quote.length;
      }
    }
    const end = text.indexOf(separator, at);
    if (end < 0) {
      fields.push(field + text.slice(at));
      return fields;
    }
    fields.push(field + text.slice(at, end));
    at = end + separator.length;
  }
}
