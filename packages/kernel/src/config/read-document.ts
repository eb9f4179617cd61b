import { readFile } from 'node:fs/promises';
import { TandemError } from '@tandem-rec/contract';
import { isAlias, isCollection, isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { Path } from '../path.ts';
import { renderPosition, type Position } from '../problem.ts';

/** A YAML or JSON file and where everything in it stands. */
export interface ConfigDocument {
  readonly value: unknown;
  /** Position of a key or of its value; of the nearest thing around it where there is none. */
  locate(path: Path, what: 'key' | 'value'): Position;
}

/** Reads YAML, and JSON as the YAML it is. Throws `TANDEM_CONFIG_UNREADABLE` with the positions of all syntax errors. */
export async function readDocument(file: string): Promise<ConfigDocument> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TandemError('TANDEM_CONFIG_UNREADABLE', `${file}: ${(cause as Error).message}`, {
      cause,
      details: { file },
    });
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const placeAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line, col };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({ ...placeAt(error.pos[0]), message: error.message }));
    throw new TandemError(
      'TANDEM_CONFIG_UNREADABLE',
      problems.map((one) => `${renderPosition(one)}: ${one.message}`).join('\n'),
      { details: { file, problems } },
    );
  }
  return {
    value: document.toJS() as unknown,
    locate: (path, what) => placeAt(offsetOf(document, path, what)),
  };
}

function offsetOf(document: Document, path: Path, what: 'key' | 'value'): number {
  let node = document.contents as Node | null;
  let offset = startOf(node) ?? 0;
  path.forEach((step, at) => {
    const inside: Node | null = isAlias(node) ? (node.resolve(document) ?? null) : node;
    if (!isCollection(inside)) {
      node = null;
      return;
    }
    const wantsKey = what === 'key' && at === path.length - 1;
    const pair = isMap(inside)
      ? inside.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    node = isMap(inside)
      ? ((pair?.value as Node | null | undefined) ?? null)
      : ((inside.items[Number(step)] as Node | undefined) ?? null);
    offset = (wantsKey ? startOf(pair?.key) : startOf(node)) ?? startOf(pair?.key) ?? offset;
  });
  return offset;
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
