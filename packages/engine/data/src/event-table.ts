import type { DatasetReader, GivenPart, Rows } from '@tandem-rec/contract';

import { denseIds } from './dense-ids.ts';

/** The parts of a given split, in the order of `EventTable.parts`. */
export const GIVEN_PARTS: readonly GivenPart[] = Object.freeze(['train', 'valid', 'test']);

/**
 * A finite set of interactions in memory, column by column, event `e` at index `e` of each, in the order of reading.
 * Users and items are numbered densely in ascending order of their ids (see `denseIds`), so that the numbers do not
 * depend on the order of the file.
 */
export interface EventTable {
  readonly name: string;
  readonly chronology: DatasetReader['chronology'];
  /** Number of events. */
  readonly size: number;
  /** The id of each user row. */
  readonly userIds: readonly string[];
  /** The id of each item row. */
  readonly itemIds: readonly string[];
  readonly users: Rows;
  readonly items: Rows;
  /** Milliseconds since the epoch. */
  readonly atMs: Float64Array;
  readonly values: Float32Array;
  /** Indices into `kindNames`. */
  readonly kinds: Int32Array;
  readonly kindNames: readonly string[];
  /** Indices into `GIVEN_PARTS`, where the dataset's own split was loaded. */
  readonly parts: Uint8Array | undefined;
  /** 0-based place of each event among all that the reader gave, before anything was left out. Default: its index. */
  readonly places?: Int32Array;
  /** The dataset's own id of each event; absent where no event has one. */
  readonly ids?: readonly (string | undefined)[];
}

/** The table of some of its events (ascending indices), with only the users and items that occur in them, in the same order. */
export function selectEvents(table: EventTable, events: Int32Array): EventTable {
  const users = compact(table.users, table.userIds, events);
  const items = compact(table.items, table.itemIds, events);
  return {
    name: table.name,
    chronology: table.chronology,
    size: events.length,
    userIds: users.ids,
    itemIds: items.ids,
    users: users.rows,
    items: items.rows,
    atMs: Float64Array.from(events, (event) => table.atMs[event]),
    values: Float32Array.from(events, (event) => table.values[event]),
    kinds: events.map((event) => table.kinds[event]),
    kindNames: table.kindNames,
    parts: table.parts && Uint8Array.from(events, (event) => table.parts![event]),
    places: events.map((event) => table.places?.[event] ?? event),
    ...(table.ids && { ids: Array.from(events, (event) => table.ids![event]) }),
  };
}

/** A table from rows by example, for tests and small tools. */
export function tableOf(
  rows: readonly {
    readonly user: string;
    readonly item: string;
    readonly atMs: number;
    readonly value?: number;
    readonly kind?: string;
    readonly part?: GivenPart;
  }[],
  about: { readonly name?: string; readonly chronology?: DatasetReader['chronology'] } = {},
): EventTable {
  const users = numbered(rows.map((row) => row.user));
  const items = numbered(rows.map((row) => row.item));
  const kindNames = [...new Set(rows.map((row) => row.kind ?? 'interaction'))];
  return {
    name: about.name ?? 'rows',
    chronology: about.chronology ?? 'time',
    size: rows.length,
    userIds: users.ids,
    itemIds: items.ids,
    users: users.rows,
    items: items.rows,
    atMs: Float64Array.from(rows, (row) => row.atMs),
    values: Float32Array.from(rows, (row) => row.value ?? 1),
    kinds: Int32Array.from(rows, (row) => kindNames.indexOf(row.kind ?? 'interaction')),
    kindNames,
    parts: rows.some((row) => row.part)
      ? Uint8Array.from(rows, (row) => GIVEN_PARTS.indexOf(row.part ?? 'train'))
      : undefined,
  };
}

function numbered(values: readonly string[]): { ids: readonly string[]; rows: Rows } {
  const { ids } = denseIds([...new Set(values)]);
  const rows = new Map(ids.map((id, row) => [id, row]));
  return { ids, rows: Int32Array.from(values, (value) => rows.get(value)!) };
}

function compact(rows: Rows, ids: readonly string[], events: Int32Array): { ids: readonly string[]; rows: Rows } {
  const now = new Int32Array(ids.length).fill(-1);
  for (const event of events) now[rows[event]] = 0;
  const kept: string[] = [];
  now.forEach((occurs, row) => {
    if (occurs === 0) now[row] = kept.push(ids[row]) - 1;
  });
  return { ids: kept, rows: events.map((event) => now[rows[event]]) };
}
