import type { SourceRecord } from '@tandem-rec/contract';
import { CoTrainer, type Table } from '@tandem-rec/cotraining';
import { encodeInteraction, type Split } from '@tandem-rec/data';

/**
 * Plays the training part of a split once, in the order of time, as the stream that it was: batches of `batch` events,
 * with the composition's replay; rows are born as users and items are met. Users and items have the
 * split's numbers. Answers the number of passes, one.
 */
export async function streamOnce(table: Table, split: Split, batch: number, signal: AbortSignal): Promise<number> {
  const { table: events, train } = split;
  const trainer = new CoTrainer(table, () => 0);
  await trainer.begin();
  for (const id of events.itemIds) trainer.catalogue.add(id);
  for (const id of events.userIds) trainer.embeddings.index('user').add(id);
  const order = train.toSorted((a, b) => events.atMs[a] - events.atMs[b] || a - b);
  const recordOf = (event: number): SourceRecord => ({
    partition: 0,
    offset: event,
    value: encodeInteraction({
      user: events.userIds[events.users[event]],
      item: events.itemIds[events.items[event]],
      atMs: events.atMs[event],
      kind: events.kindNames[events.kinds[event]],
      value: events.values[event],
    }),
  });
  for (let from = 0; from < order.length; from += batch) {
    signal.throwIfAborted();
    await trainer.process(Array.from(order.subarray(from, from + batch), recordOf), Infinity, NOBODY);
  }
  return 1;
}

const NOBODY: ReadonlySet<string> = new Set();
