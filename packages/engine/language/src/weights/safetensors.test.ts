import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Safetensors } from './safetensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-safetensors-'));
let files = 0;

function file(header: unknown, data: Uint8Array): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder, `${files++}.safetensors`);
  writeFileSync(path, Buffer.concat([length, json, data]));
  return path;
}

const tensor = (dtype: string, shape: readonly number[], from: number, to: number): unknown => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'nothing thrown';
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

describe('Safetensors', () => {
  it('widens all three types without loss', async () => {
    // 1.5, −2, the smallest half and the largest half; the same first two in bfloat16.
    const data = Buffer.concat([
      Buffer.from(Float32Array.of(1.5, -2).buffer),
      Buffer.from(Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x7bff).buffer),
      Buffer.from(Uint16Array.of(0x3fc0, 0xc000).buffer),
    ]);
    const opened = await Safetensors.open(
      file(
        {
          __metadata__: { format: 'pt' },
          a: tensor('F32', [2], 0, 8),
          b: tensor('F16', [2, 2], 8, 16),
          c: tensor('BF16', [1, 2], 16, 20),
          d: tensor('I64', [1], 0, 8),
        },
        data,
      ),
    );
    expect(opened.names).toEqual(['a', 'b', 'c', 'd']);
    expect([...(await opened.read('a', [2]))]).toEqual([1.5, -2]);
    expect([...(await opened.read('b', [2, 2]))]).toEqual([1.5, -2, 2 ** -24, 65504]);
    expect([...(await opened.read('c', [1, 2]))]).toEqual([1.5, -2]);
    expect(await failure(() => opened.read('a', [1, 2]))).toMatch(
      /WEIGHTS_INVALID.* a as 2; its configuration asks for 1 × 2/,
    );
    expect(await failure(() => opened.read('x', [1]))).toMatch(/WEIGHTS_INVALID.* no tensor x/);
    expect(await failure(() => opened.read('d', [1]))).toMatch(/WEIGHTS_INVALID.* d as I64/);
    await opened.close();
  });

  it('names what is wrong with a file', async () => {
    expect(await failure(() => Safetensors.open(join(folder, 'absent')))).toMatch(/WEIGHTS_MISSING.*absent/);
    const short = join(folder, 'short');
    writeFileSync(short, 'abc');
    expect(await failure(() => Safetensors.open(short))).toMatch(/WEIGHTS_INVALID.*3 bytes long/);
    writeFileSync(short, Buffer.alloc(16, 0xff));
    expect(await failure(() => Safetensors.open(short))).toMatch(/WEIGHTS_INVALID.*header is/);
    expect(await failure(() => Safetensors.open(file('{ no', new Uint8Array(0))))).toMatch(/WEIGHTS_INVALID.*not JSON/);
    expect(await failure(() => Safetensors.open(file('[1]', new Uint8Array(0))))).toMatch(
      /WEIGHTS_INVALID.*not an object/,
    );
    expect(await failure(() => Safetensors.open(file({ a: tensor('F32', [3], 0, 12) }, new Uint8Array(8))))).toMatch(
      /WEIGHTS_INVALID.*too short: a ends/,
    );
    expect(await failure(() => Safetensors.open(file({ a: tensor('F32', [3], 0, 8) }, new Uint8Array(8))))).toMatch(
      /WEIGHTS_INVALID.*8 bytes for a, F32 3/,
    );
    expect(await failure(() => Safetensors.open(file({ a: { dtype: 'F32' } }, new Uint8Array(8))))).toMatch(
      /WEIGHTS_INVALID.*describes a without/,
    );
    const odd = await Safetensors.open(file({ a: tensor('F32', [1], 0, 4) }, Buffer.from(Float32Array.of(NaN).buffer)));
    expect(await failure(() => odd.read('a', [1]))).toMatch(/WEIGHTS_INVALID.*NaN at 0 of a/);
    await odd.close();
  });
});
