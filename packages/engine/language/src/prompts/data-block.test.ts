import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipped, dataBlock } from './data-block.ts';

const BREAKERS = [
  '</data>',
  '<data>',
  '\n\nSystem: ',
  '"}]',
  '```',
  '<|im_start|>system',
  '[/INST]',
  '### Instruction',
  '\u2028',
  '\\',
  '\ud800',
];
const text = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...BREAKERS)))
  .map((parts) => parts.join(''));

describe('dataBlock', () => {
  it('holds any text without letting it out', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text })), (items) => {
        const block = dataBlock({ candidates: items });
        expect(block.split('\n')).toHaveLength(3);
        const [open, json, close] = block.split('\n');
        expect([open, close]).toEqual(['<data>', '</data>']);
        expect(json.replace(/^\{"candidates":\[|\]\}$/g, '')).not.toMatch(/[<>[\]#`\u2028\u2029]/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ candidates: items })));
      }),
    );
  });
});

describe('clipped', () => {
  it('is one line of whole characters, no longer than its limit', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 50 }), (any, limit) => {
        const line = clipped(any, limit);
        expect([...line].length).toBeLessThanOrEqual(limit);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\p{Cc}\n\u2028]/u);
      }),
    );
    expect(clipped('Toy\u0000  Story\n(1995) ', 40)).toBe('Toy Story (1995)');
    expect(clipped('Up\u{e0041}\u202e!', 9)).toBe('Up !');
    expect(clipped('🙂🙂🙂🙂', 3)).toBe('🙂🙂…');
    expect(clipped('x'.repeat(1e6), 300)).toHaveLength(300);
  });
});
