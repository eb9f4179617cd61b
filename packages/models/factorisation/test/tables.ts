import { SeededRng, SharedEmbeddings } from '@tandem-rec/compute';
import type { Attachment, Batch, GrantedTable, PluginUse, Statistics, Step, TableRequest } from '@tandem-rec/contract';

/** Counts that a test may change. */
export interface TestStatistics extends Statistics {
  interactions: number;
}

/** What the engine would hand to a participant, and its end of the step. */
export interface TestTables {
  readonly attachment: Attachment;
  readonly statistics: TestStatistics;
  readonly embeddings: SharedEmbeddings;
  apply(step: Step): void;
}

/** Tables as a plugin asks for them, with `users` and `items` rows. */
export function testTables(use: PluginUse<'domain-model'>, users: number, items: number): TestTables {
  const name = use.id.split('#')[1];
  const { tables = [], options } = use.definition;
  const requests: readonly TableRequest[] = typeof tables === 'function' ? tables(options.parse(use.options)) : tables;
  const embeddings = new SharedEmbeddings();
  for (let user = 0; user < users; user++) embeddings.index('user').add(`u${user}`);
  for (let item = 0; item < items; item++) embeddings.index('item').add(`i${item}`);
  const own: Record<string, GrantedTable> = {};
  for (const request of requests) {
    const full = `${name}/${request.name}`;
    const table = embeddings.createTable({ ...request, name: full, rng: new SeededRng(1, full) });
    own[request.name] = Object.assign(table, { access: 'assign' as const });
  }
  embeddings.ensureRows('user');
  embeddings.ensureRows('item');
  const statistics: TestStatistics = {
    users,
    items,
    interactions: 0,
    itemCounts: new Float32Array(items),
    userCounts: new Float32Array(users),
  };
  return {
    attachment: { own, shared: [], catalogue: emptyCatalogue(items), statistics },
    statistics,
    embeddings,
    apply: ({ rowGradients }) => {
      for (const { table, rows, values } of rowGradients) embeddings.table(table).applyGradients(rows, values);
    },
  };
}

/** A batch of (user, item, history newest first). */
export function batchOf(
  events: readonly (readonly [number, number, readonly number[]])[],
  fresh = events.length,
): Batch {
  const offsets = new Int32Array(events.length + 1);
  for (const [b, [, , history]] of events.entries()) offsets[b + 1] = offsets[b] + history.length;
  return {
    size: events.length,
    users: Int32Array.from(events, ([user]) => user),
    items: Int32Array.from(events, ([, item]) => item),
    history: { offsets, items: Int32Array.from(events.flatMap(([, , history]) => history)) },
    positions: Int32Array.from(events, ([, , history]) => history.length),
    values: new Float32Array(events.length).fill(1),
    atMs: new Float64Array(events.length),
    fresh,
    sequence: 0,
  };
}

/** 0, 1, … items − 1 for every user. */
export const allItems = (items: number) => ({
  kind: 'shared' as const,
  items: Int32Array.from({ length: items }, (_, i) => i),
});

function emptyCatalogue(size: number): Attachment['catalogue'] {
  return {
    size,
    revision: 0,
    item: (row) => ({ id: `i${row}`, text: {}, categories: [] }),
    row: (id) => Number(id.slice(1)),
    changedSince: () => new Int32Array(0),
  };
}
