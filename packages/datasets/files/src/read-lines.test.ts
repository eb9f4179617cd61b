import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readLines, type TextEncoding } from './read-lines.ts';

const file = join(mkdtempSync(join(tmpdir(), 'tandem-lines-')), 'f.txt');

async function read(content: string | Uint8Array, encoding: TextEncoding = 'utf-8'): Promise<string[]> {
  writeFileSync(file, content);
  const lines: string[] = [];
  for await (const block of readLines(file, encoding, '')) {
    expect(block.first).toBe(lines.length + 1);
    lines.push(...block.lines);
  }
  return lines;
}

describe('readLines', () => {
  it.each([
    ['a\nb\n', ['a', 'b']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['\ufeffa\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['', []],
    ['\n', ['']],
  ])('reads %j', async (content, lines) => expect(await read(content)).toEqual(lines));

  it('reads latin-1 byte for byte', async () => {
    expect(await read(Uint8Array.of(0xe9, 0x80, 0x0a), 'latin1')).toEqual(['\u00e9\u0080']);
  });

  it('keeps lines and characters whole over the borders of blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '🦊'), maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 7 }),
        async (unit, shift) => {
          const lines = ['x'.repeat(shift), ...Array.from({ length: 60_000 }, (_, n) => unit[n % unit.length] + 'é')];
          expect((await read(lines.join('\n'))).join('\n') === lines.join('\n')).toBe(true);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('says which file is missing and what to do', async () => {
    await expect(readLines('/nowhere/u.data', 'utf-8', 'Set it.').next()).rejects.toMatchObject({
      code: 'TANDEM_DATASET_MISSING',
      message: '/nowhere/u.data does not exist.',
      remedy: 'Set it.',
    });
  });

  it('says when something is no file', async () => {
    await expect(readLines(tmpdir(), 'utf-8', '').next()).rejects.toMatchObject({ code: 'TANDEM_DATASET_UNREADABLE' });
  });
});
