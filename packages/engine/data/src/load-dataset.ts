import {
  TandemError,
  type CatalogueItem,
  type DatasetReader,
  type GivenPart,
  type RowError,
} from '@tandem-rec/contract';

import { Column } from './column.ts';
import { denseIds } from './dense-ids.ts';
import { GIVEN_PARTS, type EventTable } from './event-table.ts';

/** How many row errors are kept to be shown; all are counted. */
const SHOWN_ERRORS = 10;
const PROGRESS_EVERY = 16_384;

/** The rows that could not be read: how many, and the first of them. */
export interface RowErrors {
  readonly count: number;
  readonly first: readonly RowError[];
}

export interface LoadOptions {
  /** Interactions with a smaller value are left out. */
  readonly minValue?: number;
  /** Kinds to keep. Default: all. */
  readonly kinds?: readonly string[];
  /** Reads the parts of the dataset's own split one after the other and remembers them, for `splitTable` by `given`. */
  readonly given?: boolean;
  readonly signal?: AbortSignal;
  /** Called now and then with the number of interactions read. */
  readonly onProgress?: (read: number) => void;
}

export interface LoadedInteractions {
  readonly table: EventTable;
  readonly rowErrors: RowErrors;
  /** Interactions left out by `minValue` or `kinds`. */
  readonly leftOut: number;
}

/**
 * Reads a dataset's interactions into memory, as a stream: about 35 bytes an event and each id once.
 *
 * @throws TandemError `TANDEM_DATASET_EMPTY` if no interaction is left; what the reader throws; the signal's reason
 */
export async function loadInteractions(reader: DatasetReader, options: LoadOptions = {}): Promise<LoadedInteractions> {
  const { minValue = -Infinity, kinds, given = false, signal, onProgress } = options;
  const errors = new ErrorCollector();
  const users = new Numbering();
  const items = new Numbering();
  const kindNames = new Numbering();
  const userColumn = new Column(Int32Array);
  const itemColumn = new Column(Int32Array);
  const atMs = new Column(Float64Array);
  const values = new Column(Float32Array);
  const kindColumn = new Column(Int32Array);
  const parts = new Column(Uint8Array);
  const places = new Column(Int32Array);
  // Sparse, since most datasets have none.
  const ids: (string | undefined)[] = [];
  let read = 0;
  let size = 0;
  for (const part of given ? GIVEN_PARTS : [undefined]) {
    const partNumber = GIVEN_PARTS.indexOf(part as GivenPart);
    for await (const interaction of reader.interactions(errors.add, part)) {
      if (++read % PROGRESS_EVERY === 0) {
        signal?.throwIfAborted();
        onProgress?.(read);
      }
      if (interaction.value < minValue || (kinds !== undefined && !kinds.includes(interaction.kind))) continue;
      userColumn.push(users.of(interaction.user));
      itemColumn.push(items.of(interaction.item));
      atMs.push(interaction.atMs);
      values.push(interaction.value);
      kindColumn.push(kindNames.of(interaction.kind));
      if (given) parts.push(partNumber);
      places.push(read - 1);
      if (interaction.id !== undefined) ids[size] = interaction.id;
      size++;
    }
  }
  signal?.throwIfAborted();
  onProgress?.(read);
  const rowErrors = errors.result();
  if (size === 0) throw empty(reader.name, read, rowErrors);
  const denseUsers = denseIds(users.met);
  const denseItems = denseIds(items.met);
  const table: EventTable = {
    name: reader.name,
    chronology: reader.chronology,
    size,
    userIds: denseUsers.ids,
    itemIds: denseItems.ids,
    users: userColumn.toArray().map((user) => denseUsers.rowOf[user]),
    items: itemColumn.toArray().map((item) => denseItems.rowOf[item]),
    atMs: atMs.toArray(),
    values: values.toArray(),
    kinds: kindColumn.toArray(),
    kindNames: kindNames.met,
    parts: given ? parts.toArray() : undefined,
    places: places.toArray(),
    ...(ids.length > 0 && { ids }),
  };
  return { table, rowErrors, leftOut: read - size };
}

/** Reads what a dataset knows of its items. Of several descriptions of one item the last counts, at the place of the first. */
export async function loadItems(
  reader: DatasetReader,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly items: readonly CatalogueItem[]; readonly rowErrors: RowErrors }> {
  const errors = new ErrorCollector();
  const items = new Map<string, CatalogueItem>();
  for await (const item of reader.items(errors.add)) {
    options.signal?.throwIfAborted();
    items.set(item.id, item);
  }
  return { items: [...items.values()], rowErrors: errors.result() };
}

class Numbering {
  readonly met: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(id: string): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.met.push(id) - 1;
      this.#numbers.set(id, number);
    }
    return number;
  }
}

class ErrorCollector {
  #count = 0;
  readonly #first: RowError[] = [];

  readonly add = (error: RowError): void => {
    if (this.#count++ < SHOWN_ERRORS) this.#first.push(error);
  };

  result(): RowErrors {
    return { count: this.#count, first: this.#first };
  }
}

function empty(name: string, read: number, { count, first }: RowErrors): TandemError {
  const why =
    read > 0
      ? `all ${read} of its interactions were left out by the filters`
      : count > 0
        ? `none of its ${count} rows could be read; ${first[0].file}:${first[0].line}: ${first[0].reason}`
        : 'it has no rows';
  return new TandemError('TANDEM_DATASET_EMPTY', `Dataset ${name} has no interactions to learn from: ${why}.`);
}
