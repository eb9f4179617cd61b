import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHost } from '@tandem-rec/cotrainer';
import { startSink } from '@tandem-rec/kernel';
import type { StreamCase } from './cases.ts';
import { composeCase } from './compose-case.ts';
import type { CaseResult } from './run-case.ts';
import { writeStream, type WorldSize } from './write-stream.ts';

/** The size of MovieLens 100K. */
const ML_100K: WorldSize = { users: 943, items: 1682 };
const GROWN: WorldSize = { users: 9430, items: 16_820 };

export interface StreamReport {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly cases: readonly CaseResult[];
  /** The same in a world of ten times the users and items. */
  readonly grown: readonly CaseResult[];
}

export interface StreamOptions {
  /** At most so many events a case. */
  readonly events: number;
  /** Share of each case's events. */
  readonly share: number;
  readonly growth: boolean;
}

const ENTRY = fileURLToPath(new URL('case-process.ts', import.meta.url));

/** Runs the cases one after the other, each in a process of its own, on the same stream. */
export async function benchStream(
  cases: readonly StreamCase[],
  { events, share, growth }: StreamOptions,
  note: (line: string) => void,
): Promise<StreamReport> {
  const [cpu] = cpus();
  const runIn = async (size: WorldSize): Promise<CaseResult[]> => {
    const results: CaseResult[] = [];
    for (const one of cases) {
      note(`${one.name}: ${one.summary} …`);
      results.push(await inFolder((folder) => run(one, size, Math.ceil(Math.min(events, one.events * share)), folder)));
    }
    return results;
  };
  return {
    node: process.version,
    cpu: cpu?.model ?? process.arch,
    cores: availableParallelism(),
    cases: await runIn(ML_100K),
    grown: growth ? await runIn(GROWN) : [],
  };
}

async function run(one: StreamCase, size: WorldSize, events: number, folder: string): Promise<CaseResult> {
  const composition = await composeCase(one, folder);
  const host = createHost({
    seed: composition.seed,
    signal: new AbortController().signal,
    logLevel: 'silent',
    write: () => {},
  });
  const sink = await startSink(composition.source!, composition, host);
  const records = await writeStream(sink.instance, size, events);
  await sink.stop();
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, [one.name, folder, String(records)]);
    child.on('message', (result) => resolve(result as CaseResult));
    child.on('error', reject);
    child.on('exit', (code) =>
      reject(new Error(`The process of ${one.name} ended with ${code} and without a result.`)),
    );
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
