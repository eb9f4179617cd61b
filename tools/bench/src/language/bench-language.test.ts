import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { benchLanguage, languageText } from './bench-language.ts';
import { onnxruntimeFolder } from './language-peers.ts';

/** A random BERT of two layers with 16 positions. */
const MODEL = fileURLToPath(new URL('../../../../packages/engine/language/test/fixtures/bert', import.meta.url));

describe('bench language', () => {
  it('does every work with every engine that can', async () => {
    const noted: string[] = [];
    const report = await benchLanguage({
      model: MODEL,
      engines: ['plain', 'wasm'],
      peers: false,
      sizes: { texts: 8, lora: [2, 8], body: [1, 10], runs: 2 },
      note: (line) => noted.push(line),
    });
    expect(report.missing).toEqual([]);
    expect(report.rows.map(({ work, engine, unit }) => [work, engine, unit])).toEqual([
      ['texts', 'plain', 'texts/s'],
      ['texts', 'wasm', 'texts/s'],
      ['lora', 'wasm', 'ms/step'],
      ['body', 'wasm', 'tokens/s'],
    ]);
    for (const { best, median, unit, peakMb } of report.rows) {
      expect(best).toBeGreaterThan(0);
      expect(best).toBeLessThan(Infinity);
      expect(Math.sign(median - best)).not.toBe(unit === 'ms/step' ? -1 : 1);
      expect(peakMb).toBeGreaterThan(30);
    }
    expect(noted).toHaveLength(report.rows.length);
    expect(languageText(report)).toMatch(/^LoRA step, r = 8, 2 × 8 tokens +wasm +ms\/step/m);
  });

  it('says why somebody is missing', async () => {
    const report = await benchLanguage({
      model: `${MODEL}-that-is-not-there`,
      engines: ['plain'],
      peers: false,
      sizes: { texts: 1, lora: [1, 1], body: [1, 1], runs: 1 },
      note: () => {},
    });
    expect(report.rows).toEqual([]);
    expect(languageText(report)).toMatch(/^plain is missing: .*config\.json/m);
    await expect(onnxruntimeFolder(MODEL, () => {})).rejects.toThrow(/no ONNX export in .*bert/);
  });
});
