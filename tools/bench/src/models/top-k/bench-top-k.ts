import { Arena, SeededRng, topKRows } from '@tandem-rec/compute';
import { evaluationTask } from '@tandem-rec/data';
import { cpuMs } from '../../stream/cpu-clock.ts';
import type { Measured } from '../bench-models.ts';
import { aboutThisRun } from '../run-about.ts';
import { loadSplit, SPLITS } from '../splits.ts';

/** What exact lists cost, from rows of users and items. */
export interface TopKPoint {
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly dim: number;
  readonly k: number;
  /** The best of several runs. */
  readonly cpuSeconds: number;
  /** What it is compared with, and its CPU seconds. */
  readonly beside: { readonly what: string; readonly cpuSeconds: number };
}

const DIM = 64;
/** `recommend` of implicit for everybody with a test item, one thread, as it was measured once. */
const IMPLICIT = { S3: 1.1748, S4: 3.7279 } as const;

/** Lists for everybody who is asked on S3 and S4, and for one user among a million items. Random rows: exact lists cost the same. */
export async function benchTopK(note: (line: string) => void): Promise<readonly Measured<TopKPoint>[]> {
  const run = aboutThisRun(1);
  const points: Measured<TopKPoint>[] = [];
  for (const split of ['S3', 'S4'] as const) {
    const data = await loadSplit(split);
    const { users, seen } = evaluationTask(data, 'test', { historyLimit: 1 });
    const own = Array.from(users, (user) => seen.items.subarray(seen.offsets[user], seen.offsets[user + 1]));
    const masked = {
      offsets: new Int32Array(users.length + 1),
      items: Int32Array.from(own.flatMap((list) => [...list])),
    };
    own.forEach((list, b) => (masked.offsets[b + 1] = masked.offsets[b] + list.length));
    const cpuSeconds = timed(users.length, data.items, SPLITS[split].cutoff, 3, masked).cpuSeconds;
    const beside = { what: 'implicit recommend(), as measured once', cpuSeconds: IMPLICIT[split] };
    points.push({
      name: split,
      users: users.length,
      items: data.items,
      dim: DIM,
      k: SPLITS[split].cutoff,
      cpuSeconds,
      beside,
      run,
    });
    note(`top-k: ${split} ${cpuSeconds.toFixed(2)} s of CPU`);
  }
  const { cpuSeconds, readSeconds } = timed(1, 1_000_000, 10, 20);
  const beside = { what: 'reading the rows once', cpuSeconds: readSeconds };
  points.push({ name: 'a million', users: 1, items: 1_000_000, dim: DIM, k: 10, cpuSeconds, beside, run });
  note(`top-k: a million items ${(1000 * cpuSeconds).toFixed(1)} ms of CPU`);
  return points;
}

function timed(
  users: number,
  items: number,
  k: number,
  runs: number,
  masked?: { readonly offsets: Int32Array; readonly items: Int32Array },
): { readonly cpuSeconds: number; readonly readSeconds: number } {
  const arena = new Arena({ threads: 1 });
  try {
    const rng = new SeededRng(1, 'top-k');
    const rows = (count: number): Float32Array => {
      const filled = arena.float32(count * DIM);
      for (let i = 0; i < filled.length; i++) filled[i] = rng.next() - 0.5;
      return filled;
    };
    const input = { users: rows(users), items: rows(items), dim: DIM, k, ...(masked && { masked }) };
    const bytes = [0, 1].map(() => Buffer.from(input.items.buffer, input.items.byteOffset, input.items.byteLength));
    return {
      cpuSeconds: least(runs, () => void arena.scoped(() => topKRows(arena, input))),
      // Equal all through: every byte is looked at, by the C library.
      readSeconds: least(runs, () => void bytes[0].compare(bytes[1])),
    };
  } finally {
    arena.close();
  }
}

function least(runs: number, work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const before = cpuMs();
    work();
    best = Math.min(best, cpuMs() - before);
  }
  return best / 1000;
}
