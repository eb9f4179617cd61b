import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRng } from '@tandem-rec/compute';
import type {
  Attachment,
  Batch,
  Catalogue,
  CatalogueItem,
  Environment,
  GrantedTable,
  Statistics,
  TableAccess,
  UserContexts,
} from '@tandem-rec/contract';
import { testEnvironment } from '@tandem-rec/testkit';

const TASTES = ['red apple', 'green pear', 'blue plum', 'black cherry'];

/** An environment with a cache folder of its own. */
export const environment = (modelsFolder?: string): Environment => ({
  ...testEnvironment({ name: 'transformer', seed: 3, folder: mkdtempSync(join(tmpdir(), 'tandem-transformer-')) }),
  modelsFolder,
});

interface Event {
  readonly user: number;
  readonly item: number;
  readonly position: number;
}

/**
 * A stream in which taste shows in words: each user likes one of four kinds of things, and an item's text says which kind
 * it is. Items arrive while the stream runs; among a kind they are equally liked.
 */
export class World {
  readonly items: CatalogueItem[] = [];
  readonly itemCounts: Float32Array;
  readonly userCounts: Float32Array;
  readonly users: number;
  interactions = 0;
  readonly #rng = new SeededRng(11);
  readonly #pasts: number[][];
  readonly #events: Event[] = [];
  readonly #changes: number[] = [];

  constructor(users: number, items: number, most = items) {
    this.users = users;
    this.itemCounts = new Float32Array(most);
    this.userCounts = new Float32Array(users);
    this.#pasts = Array.from({ length: users }, () => []);
    for (let row = 0; row < items; row++) this.addItem();
  }

  addItem(): void {
    const row = this.items.length;
    this.items.push({
      id: `i${row}`,
      text: { title: `Number ${row * 7919} ${TASTES[row % 4]} thing` },
      categories: [],
    });
    this.#changes.push(row);
  }

  rename(row: number, title: string): void {
    this.items[row] = { ...this.items[row], text: { title } };
    this.#changes.push(row);
  }

  /** Live, as the engine's is. */
  get catalogue(): Catalogue {
    const { items } = this;
    const changes = this.#changes;
    return {
      get size() {
        return items.length;
      },
      get revision() {
        return changes.length;
      },
      item: (row) => items[row],
      row: (id) => items.findIndex((item) => item.id === id),
      changedSince: (revision) => Int32Array.from(new Set(changes.slice(revision))).sort(),
    };
  }

  /** Live, as the engine's are. */
  get statistics(): Statistics {
    const { users, items, itemCounts, userCounts } = this;
    const interactions = (): number => this.interactions;
    return {
      users,
      get items() {
        return items.length;
      },
      get interactions() {
        return interactions();
      },
      itemCounts,
      userCounts,
    };
  }

  attachment(more: Partial<Attachment> = {}): Attachment {
    return { own: {}, shared: [], catalogue: this.catalogue, statistics: this.statistics, ...more };
  }

  /** The next events, and beside them `replayed` earlier ones. */
  batch(fresh: number, replayed = 0): Batch {
    const before = this.#events.length;
    const drawn: Event[] = [];
    for (let i = 0; i < fresh; i++) drawn.push(this.#draw());
    for (let i = 0; i < replayed && before > 0; i++) drawn.push(this.#events[this.#rng.int(before)]);
    return this.#batch(drawn, fresh);
  }

  /** The batch has been learned. */
  count({ items, users, fresh }: Batch): void {
    for (let i = 0; i < fresh; i++) {
      this.itemCounts[items[i]]++;
      this.userCounts[users[i]]++;
    }
    this.interactions += fresh;
  }

  #draw(): Event {
    const user = this.#rng.int(this.users);
    let item: number;
    do
      item =
        this.#rng.next() < 0.8
          ? 4 * this.#rng.int(Math.ceil(this.items.length / 4)) + (user % 4)
          : this.#rng.int(this.items.length);
    while (item >= this.items.length);
    const event = { user, item, position: this.#pasts[user].length };
    this.#pasts[user].push(item);
    this.#events.push(event);
    return event;
  }

  #batch(events: readonly Event[], fresh: number): Batch {
    const offsets = new Int32Array(events.length + 1);
    for (const [b, { position }] of events.entries()) offsets[b + 1] = offsets[b] + position;
    const items = new Int32Array(offsets[events.length]);
    for (const [b, { user, position }] of events.entries())
      for (let k = 0; k < position; k++) items[offsets[b] + k] = this.#pasts[user][position - 1 - k];
    const contexts: UserContexts = {
      size: events.length,
      users: Int32Array.from(events, ({ user }) => user),
      history: { offsets, items },
      positions: Int32Array.from(events, ({ position }) => position),
      atMs: new Float64Array(events.length),
    };
    return {
      ...contexts,
      items: Int32Array.from(events, ({ item }) => item),
      values: new Float32Array(events.length).fill(1),
      fresh,
      sequence: this.interactions,
    };
  }
}

/** A shared table of random rows that can be written to from outside. */
export function tableOf(
  name: string,
  side: 'user' | 'item',
  rows: number,
  dim: number,
  access: TableAccess,
): GrantedTable & { readonly values: Float32Array } {
  const rng = new SeededRng(name);
  const values = Float32Array.from({ length: rows * dim }, () => 0.3 * rng.normal());
  return {
    name,
    side,
    dim,
    access,
    rows,
    revision: 0,
    values,
    gather: (wanted, into) =>
      wanted.forEach((row, i) => into.set(values.subarray(row * dim, (row + 1) * dim), i * dim)),
    copy: (count, into) => into.set(values.subarray(0, count * dim)),
    assign: (wanted, from) => wanted.forEach((row, i) => values.set(from.subarray(i * dim, (i + 1) * dim), row * dim)),
  };
}
