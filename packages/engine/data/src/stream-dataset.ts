import type { CatalogueItem, DatasetReader } from '@tandem-rec/contract';
import { encodeInteraction, encodeItem } from './encode-record.ts';
import type { EventTable } from './event-table.ts';
import { loadInteractions, loadItems, type LoadOptions, type RowErrors } from './load-dataset.ts';

/** One record of a stream. */
export interface StreamRecord {
  readonly type: 'item' | 'interaction';
  /** The user of an interaction, so that a user's records keep their order in a partitioned log; the item of an item record. */
  readonly key: string;
  /** In the wire format. */
  readonly value: string;
  /** When it happens, milliseconds since the epoch: the event's time, or when the item became available. */
  readonly atMs: number;
}

/** A dataset as the stream it could have been. */
export interface DatasetStream {
  readonly interactions: number;
  readonly items: number;
  readonly rowErrors: RowErrors;
  /** In the order of time; equal times keep the order of the files. Encoded one by one as they are asked for. */
  records(): Generator<StreamRecord>;
}

/**
 * Reads a dataset and puts it in the order of time: items that were there from the beginning first, the others when they
 * became available, interactions when they happened. An interaction keeps its own id; one without gets `name:place`, of
 * the reader's name and its 0-based place among all interactions that the reader gives, whatever is left out: a stream
 * sent twice is learned once, also if only a part was sent first. Two datasets that one reader serves under one name are
 * not told apart.
 *
 * Throws what `loadInteractions` and the reader throw.
 */
export async function streamDataset(
  reader: DatasetReader,
  options: Omit<LoadOptions, 'given'> & { readonly items?: boolean } = {},
): Promise<DatasetStream> {
  const { table, rowErrors } = await loadInteractions(reader, options);
  const loaded =
    options.items === false ? { items: [], rowErrors: { count: 0, first: [] } } : await loadItems(reader, options);
  const items = loaded.items.toSorted((a, b) => (a.availableAtMs ?? -Infinity) - (b.availableAtMs ?? -Infinity) || 0);
  return {
    interactions: table.size,
    items: items.length,
    rowErrors: {
      count: rowErrors.count + loaded.rowErrors.count,
      first: [...rowErrors.first, ...loaded.rowErrors.first],
    },
    records: () => records(table, items),
  };
}

function* records(table: EventTable, items: readonly CatalogueItem[]): Generator<StreamRecord> {
  const order = Int32Array.from({ length: table.size }, (_, event) => event);
  if (table.chronology !== 'none') order.sort((a, b) => table.atMs[a] - table.atMs[b] || a - b);
  const source = table.name.replaceAll(/[^\w-]+/g, '-');
  let next = 0;
  const startMs = table.atMs[order[0]];
  for (const event of order) {
    const atMs = table.atMs[event];
    while (next < items.length && (items[next].availableAtMs ?? -Infinity) <= atMs)
      yield itemRecord(items[next++], startMs);
    const user = table.userIds[table.users[event]];
    const interaction = {
      user,
      item: table.itemIds[table.items[event]],
      atMs,
      kind: table.kindNames[table.kinds[event]],
      value: table.values[event],
      id: table.ids?.[event] ?? `${source}:${table.places?.[event] ?? event}`,
    };
    yield { type: 'interaction', key: user, value: encodeInteraction(interaction), atMs };
  }
  while (next < items.length) yield itemRecord(items[next++], startMs);
}

const itemRecord = (item: CatalogueItem, startMs: number): StreamRecord => ({
  type: 'item',
  key: item.id,
  value: encodeItem(item),
  atMs: item.availableAtMs ?? startMs,
});
