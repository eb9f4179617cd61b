import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VectorCache, vectorKey } from './vector-cache.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'tandem-vectors-'));
const vectorOf = (i: number): Float32Array => Float32Array.of(i, i + 0.5, -i);
const key = (i: number): Buffer => vectorKey('encoder', `text ${i}`);

function filled(at: string, count: number): string {
  const cache = new VectorCache(at, 'encoder', 3);
  for (let i = 0; i < count; i++) cache.add(key(i), vectorOf(i));
  cache.close();
  return cache.path;
}

function known(at: string, count: number): readonly number[] {
  const cache = new VectorCache(at, 'encoder', 3);
  const into = new Float32Array(3);
  const found = Array.from({ length: count }, (_, i) => i).filter((i) => {
    if (!cache.read(key(i), into, 0)) return false;
    expect(into).toEqual(vectorOf(i));
    return true;
  });
  cache.close();
  return found;
}

describe('VectorCache', () => {
  it('keeps vectors between openings', () => {
    const at = folder();
    filled(at, 3000);
    expect(known(at, 3001).length).toBe(3000);
  });

  it('gives what it has just taken, and tells encoders apart', () => {
    const cache = new VectorCache(folder(), 'encoder', 3);
    cache.add(key(1), vectorOf(1));
    const into = new Float32Array(4);
    expect(cache.read(key(1), into, 1)).toBe(true);
    expect([...into]).toEqual([0, 1, 1.5, -1]);
    expect(cache.read(vectorKey('another', 'text 1'), into, 0)).toBe(false);
    cache.close();
  });

  it('leaves out a torn end and reads what was appended behind it', () => {
    const at = folder();
    const path = filled(at, 4);
    truncateSync(path, readFileSync(path).length - 7);
    expect(known(at, 4)).toEqual([0, 1, 2]);
    filled(at, 6);
    expect(known(at, 6)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('leaves out records that were changed, and takes a file of rubbish for an empty one', () => {
    const at = folder();
    const path = filled(at, 4);
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 4) + 50] ^= 1;
    writeFileSync(path, bytes);
    expect(known(at, 4)).toEqual([0, 2, 3]);
    writeFileSync(path, Buffer.alloc(100_000, 0x31));
    expect(known(at, 4)).toEqual([]);
  });

  it('takes turns with another writer of the same file', () => {
    const at = folder();
    const [one, two] = [new VectorCache(at, 'encoder', 3), new VectorCache(at, 'encoder', 3)];
    for (let i = 0; i < 20; i++) (i % 2 ? one : two).add(key(i), vectorOf(i));
    const into = new Float32Array(3);
    for (let i = 0; i < 20; i++) {
      expect((i % 2 ? one : two).read(key(i), into, 0)).toBe(true);
      expect(into).toEqual(vectorOf(i));
    }
    one.close();
    two.close();
    appendFileSync(one.path, 'x');
    expect(known(at, 20).length).toBe(20);
  });
});
