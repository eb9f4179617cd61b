import type { Clock, InteractionSink } from '@tandem-rec/contract';
import type { StreamRecord } from '@tandem-rec/data';
import { dueMs, type Pace } from './pace.ts';

const BATCH_RECORDS = 1000;

export interface ReplayOptions {
  readonly pace: Pace;
  /** Stop after this many interactions; items that come before them are sent, too. */
  readonly limit: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after every batch. */
  readonly onSent: (sent: Sent) => void;
}

/** What the sink has acknowledged. */
export interface Sent {
  readonly interactions: number;
  readonly items: number;
}

/**
 * Sends a stream to a sink in batches, each record no sooner than its pace allows. Stops when the signal aborts; what is
 * being appended then is waited for.
 */
export async function replayStream(
  records: Iterable<StreamRecord>,
  sink: InteractionSink,
  options: ReplayOptions,
): Promise<Sent> {
  const { pace, limit, clock, signal, onSent } = options;
  const startMs = clock.monotonicMs();
  const sent = { interactions: 0, items: 0 };
  let batch: StreamRecord[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await sink.append(batch);
    for (const { type } of batch) sent[type === 'item' ? 'items' : 'interactions']++;
    batch = [];
    onSent({ ...sent });
  };

  let taken = 0;
  let index = 0;
  let firstMs: number | undefined;
  for (const record of records) {
    if (taken >= limit || signal.aborted) break;
    firstMs ??= record.atMs;
    const waitMs = startMs + dueMs(pace, index, record.atMs - firstMs) - clock.monotonicMs();
    if (waitMs > 0) {
      await flush();
      await clock.sleep(waitMs, signal).catch(() => {});
      if (signal.aborted) break;
    }
    batch.push(record);
    index++;
    if (record.type === 'interaction') taken++;
    if (batch.length === BATCH_RECORDS) await flush();
  }
  if (!signal.aborted) await flush();
  return { ...sent };
}
