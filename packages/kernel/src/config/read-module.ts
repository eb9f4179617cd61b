import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TandemError } from '@tandem-rec/contract';
import { importFrom } from '../import-from.ts';
import { renderPosition, type Position } from '../problem.ts';

/** What a TypeScript or JavaScript configuration exports by default. Throws `TANDEM_CONFIG_UNREADABLE` with file and line. */
export async function readModule(file: string): Promise<unknown> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await importFrom(dirname(file), pathToFileURL(file).href);
  } catch (error) {
    if (TandemError.is(error)) throw error;
    const place = (await placeOf(error, file)) ?? { file };
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new TandemError('TANDEM_CONFIG_UNREADABLE', `${renderPosition(place)}: ${message}`, {
      cause: error,
      details: { ...place },
    });
  }
  if (!('default' in module)) {
    throw new TandemError(
      'TANDEM_CONFIG_UNREADABLE',
      `${file}: the configuration must be the default export (export default defineConfig({ … })).`,
      { details: { file } },
    );
  }
  return module['default'];
}

/** Where a module failed: Node tells it in the stack, in several ways, and not at all for some errors. */
async function placeOf(error: unknown, file: string): Promise<Position | undefined> {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const stack = error.stack ?? '';
  if (error instanceof SyntaxError || error.name === 'SyntaxError')
    return placeOfSyntaxError(stack) ?? placeByParsing(file);
  if (code === 'ERR_MODULE_NOT_FOUND') {
    const [, specifier, importer] =
      /^Cannot find (?:package|module) '(.*?)' imported from (.*)$/.exec(error.message) ?? [];
    if (specifier !== undefined && importer !== undefined) return placeOfImport(importer, specifier);
  }
  const frame = /\((file:\/\/[^)]+):(\d+):(\d+)\)|at (?:async )?(file:\/\/\S+):(\d+):(\d+)/.exec(stack);
  if (frame === null) return undefined;
  return {
    file: pathOf((frame[1] ?? frame[4])!),
    line: Number(frame[2] ?? frame[5]),
    col: Number(frame[3] ?? frame[6]),
  };
}

/** "file:line", the line itself, and carets below it. */
function placeOfSyntaxError(stack: string): Position | undefined {
  const match = /^(.+):(\d+)\n/.exec(stack);
  if (match === null || match[1]!.startsWith('SyntaxError')) return undefined;
  const caret = /^( *)\^+$/m.exec(stack);
  return { file: pathOf(match[1]!), line: Number(match[2]), ...(caret === null ? {} : { col: caret[1]!.length + 1 }) };
}

/** V8 keeps the position of a syntax error in JavaScript to itself; the type stripper finds the same one. */
async function placeByParsing(file: string): Promise<Position | undefined> {
  try {
    stripTypeScriptTypes(await readFile(file, 'utf8'), { sourceUrl: pathToFileURL(file).href });
  } catch (error) {
    return error instanceof Error ? placeOfSyntaxError(error.stack ?? '') : undefined;
  }
  return undefined;
}

async function placeOfImport(importer: string, specifier: string): Promise<Position> {
  const file = pathOf(importer);
  const name = specifier.split('/').at(-1)!;
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const at = lines.findIndex((line) => /\b(import|from)\b/.test(line) && line.includes(name));
  return at < 0 ? { file } : { file, line: at + 1, col: Math.max(lines[at]!.search(/['"]/), 0) + 1 };
}

const pathOf = (place: string): string => (place.startsWith('file:') ? fileURLToPath(place) : place);
