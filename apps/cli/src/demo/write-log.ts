import { rm } from 'node:fs/promises';
import type { CompositionRequest } from '@tandem-rec/cotrainer';
import { composeVariant, createHost } from '@tandem-rec/cotrainer';
import { streamDataset } from '@tandem-rec/data';
import { startPart, startSink } from '@tandem-rec/kernel';

const CHUNK = 2000;

/** What was written. */
export interface WrittenLog {
  readonly records: number;
  readonly interactions: number;
  /** Users by how much they did, most first. */
  readonly users: readonly string[];
}

/** Writes the composition's dataset into its source's log, anew. */
export async function writeLog(request: CompositionRequest, file: string, signal: AbortSignal): Promise<WrittenLog> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
  const composition = await composeVariant(request);
  const host = createHost({ seed: composition.seed, signal, logLevel: 'warn', write: () => {} });
  const dataset = await startPart(composition.dataset!, composition, host);
  const sink = await startSink(composition.source!, composition, host);
  try {
    const stream = await streamDataset(dataset.instance, { signal });
    const deeds = new Map<string, number>();
    let chunk: { key: string; value: string }[] = [];
    for (const record of stream.records()) {
      chunk.push(record);
      if (record.type === 'interaction') deeds.set(record.key, (deeds.get(record.key) ?? 0) + 1);
      if (chunk.length < CHUNK) continue;
      await sink.instance.append(chunk);
      chunk = [];
    }
    await sink.instance.append(chunk);
    const users = [...deeds.keys()].toSorted((a, b) => deeds.get(b)! - deeds.get(a)! || (a < b ? -1 : 1));
    return { records: stream.interactions + stream.items, interactions: stream.interactions, users };
  } finally {
    await sink.instance.close();
    await dataset.stop();
  }
}
