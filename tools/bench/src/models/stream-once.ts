import type { SourceRecord } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { CoTrainer, type Table } from '@tandem-rec/cotraining';
import { encodeInteraction, type Split } from '@tandem-rec/data';

/**
 * Plays the training part of a split once, in the order of time, as the stream that it was: batches of `batch` events,
 * with the composition's replay; rows are born as users and items are met. Users and items have the
 * split's numbers. Data without times has everybody's events in their order, people at random among each other.
 * Answers the number of passes, one. Throws if the model learns nothing from a stream.
 */
export async function streamOnce(table: Table, split: Split, batch: number, signal: AbortSignal): Promise<number> {
  const { table: events, train } = split;
  if (!table.seats.some(({ instance }) => instance.learn)) throw new Error('It does not learn online.');
  const trainer = new CoTrainer(table, () => 0);
  await trainer.begin();
  for (const id of events.itemIds) trainer.catalogue.add(id);
  for (const id of events.userIds) trainer.embeddings.index('user').add(id);
  const timed = events.chronology === 'time';
  const order = timed
    ? train.toSorted((a, b) => events.atMs[a] - events.atMs[b] || a - b)
    : interleaved(split, new SeededRng(42, 'order'));
  const recordOf = (event: number, place: number): SourceRecord => ({
    partition: 0,
    offset: event,
    value: encodeInteraction({
      user: events.userIds[events.users[event]],
      item: events.itemIds[events.items[event]],
      atMs: timed ? events.atMs[event] : FIRST_MS + 1000 * place,
      kind: events.kindNames[events.kinds[event]],
      value: events.values[event],
    }),
  });
  for (let from = 0; from < order.length; from += batch) {
    signal.throwIfAborted();
    const records = Array.from(order.subarray(from, from + batch), (event, k) => recordOf(event, from + k));
    await trainer.process(records, Infinity, NOBODY);
  }
  return 1;
}

const NOBODY: ReadonlySet<string> = new Set();

/** When data begins that has no times. */
const FIRST_MS = Date.UTC(2020, 0, 1);

/** Everybody's events in their order, people at random among each other. */
function interleaved({ train, table }: Split, rng: SeededRng): Int32Array {
  const places = Float64Array.from(train, () => rng.next());
  for (let from = 0, to = 0; from < train.length; from = to) {
    while (to < train.length && table.users[train[to]] === table.users[train[from]]) to++;
    places.subarray(from, to).sort();
  }
  const order = train.map((_, k) => k).sort((a, b) => places[a] - places[b]);
  return order.map((k) => train[k]);
}
