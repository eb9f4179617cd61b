import { describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { gemmBinary } from './binaries/gemm.ts';
import { requireMemory } from './require-memory.ts';

describe('Arena', () => {
  it('hands out zeros that stay where they are while it grows, and again after a release', () => {
    const arena = new Arena();
    const first = arena.float32(3).fill(7);
    arena.scoped(() => arena.int32(100).fill(-1));
    expect(arena.bytes).toBe(16);
    const second = arena.float64(1_000_000);
    expect(second.every((value) => value === 0)).toBe(true);
    expect([...first]).toEqual([7, 7, 7]);
    expect(second.byteOffset % 16).toBe(0);
  });

  it('says what it needed when the machine has not got it', () => {
    const arena = new Arena();
    expect(() => arena.uint8(5e9)).toThrow(expect.objectContaining({ code: 'TANDEM_MEMORY_TOO_SMALL' }));
    expect(arena.bytes).toBe(0);
    expect(() => requireMemory('EASE over 50,000 items', 2 ** 34, 2 ** 33)).toThrow(
      'EASE over 50,000 items needs 16,384 MiB of memory; 8,192 MiB are free.',
    );
  });

  it('reports a trap in any thread and goes on', () => {
    const arena = new Arena({ threads: 2 });
    const kernel = arena.open<{ sgemm(...numbers: number[]): void }>(gemmBinary);
    const beyond = 2 ** 31;
    const broken = () =>
      kernel.parallel('sgemm', 8, { block: 1, scratchBytes: 0 }, () => [
        0,
        0,
        8,
        8,
        8,
        1,
        beyond,
        8,
        beyond,
        8,
        0,
        beyond,
        8,
      ]);
    expect(broken).toThrow();
    expect(broken).toThrow();
    arena.close();
  });
});
