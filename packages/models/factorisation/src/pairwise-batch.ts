import { allRows, Arena, requireMemory, type PairwiseData, type PairwiseRows } from '@tandem-rec/compute';
import type { FitRun, GrantedTable, Rng, Timelines } from '@tandem-rec/contract';
import { assignPadded, paddedWidth, readPadded } from './padded.ts';

/** The tables of a factorisation with biases of items. */
export interface FactorTables {
  readonly user: GrantedTable;
  readonly item: GrantedTable;
  readonly itemBias: GrantedTable;
}

/** What a pass works with. */
export interface PairwiseSetting {
  readonly arena: Arena;
  readonly data: PairwiseData;
  readonly rows: PairwiseRows;
}

/** One pass over the data in place; returns its loss. */
export type PairwisePass = (epoch: number) => number;

/**
 * Trains copies of the tables in an arena and assigns them after each pass. One thread: pairs move rows one after the
 * other, so that the same seed gives the same bits.
 */
export async function fitPairs(
  { user, item, itemBias }: FactorTables,
  timelines: Timelines,
  rng: Rng,
  run: FitRun,
  begin: (setting: PairwiseSetting) => PairwisePass,
): Promise<void> {
  const [users, items] = [user.rows, item.rows];
  const events = timelines.items.length;
  const width = paddedWidth(user.dim);
  requireMemory(
    `Ranking pairs of ${users} users, ${items} items and ${events} events`,
    8 * (users + items) * (width + 2) + 12 * events,
  );
  const arena = new Arena();
  try {
    const data: PairwiseData = {
      offsets: arena.int32(users + 1).fill(events),
      items: arena.int32(events),
      users: arena.int32(events),
      itemCount: items,
      state: arena.int32(2),
    };
    data.offsets.set(timelines.offsets);
    data.items.set(timelines.items);
    for (let row = 0; row < users; row++) {
      const [from, to] = [data.offsets[row], data.offsets[row + 1]];
      data.items.subarray(from, to).sort();
      data.users.fill(row, from, to);
    }
    // Odd, so never both zero: there the generator would stay.
    data.state.set([rng.int(2 ** 31) * 2 + 1, rng.int(2 ** 31)]);
    const rows: PairwiseRows = {
      dim: width,
      w: arena.float32(users * width),
      h: arena.float32(items * width),
      bias: arena.float32(items),
    };
    readPadded(user, 'all', rows.w);
    readPadded(item, 'all', rows.h);
    itemBias.copy(items, rows.bias);
    const pass = begin({ arena, data, rows });
    const [allUsers, allItems] = [allRows(users), allRows(items)];
    for (let epoch = 1; epoch <= run.epochs; epoch++) {
      run.signal.throwIfAborted();
      const loss = pass(epoch);
      assignPadded(user, allUsers, rows.w);
      assignPadded(item, allItems, rows.h);
      itemBias.assign(allItems, rows.bias);
      const { stop } = await run.epoch({ epoch, loss });
      if (stop) return;
    }
  } finally {
    arena.close();
  }
}
