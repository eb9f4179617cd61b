import { allRows, Arena, requireMemory, transposedRows } from '@tandem-rec/compute';
import type { FitRun, GrantedTable, Timelines } from '@tandem-rec/contract';
import type { IalsObjective } from './ials-objective.ts';
import { assignPadded, readPadded } from './padded.ts';

/** Tables and data of a batch training. */
export interface BatchInput {
  readonly objective: IalsObjective;
  readonly timelines: Timelines;
  readonly userTable: GrantedTable;
  readonly itemTable: GrantedTable;
  readonly threads: number;
  /** Told α₀ WᵀW and α₀ HᵀH after each pass. */
  readonly onGrams: (user: Float32Array, item: Float32Array) => void;
}

/**
 * Alternates between users and items until the run ends. The loss of an epoch is the objective per event after its pass
 * over items, without the regularisation of users.
 */
export async function fitIals(
  { objective, timelines, userTable, itemTable, threads, onGrams }: BatchInput,
  run: FitRun,
) {
  const { width } = objective;
  const [users, items] = [userTable.rows, itemTable.rows];
  const events = timelines.items.length;
  requireMemory(
    `iALS over ${users} users, ${items} items and ${events} events`,
    4 * (users + items) * (2 * width + 4) + 16 * events,
  );
  const arena = new Arena({ threads });
  try {
    const byUser = { offsets: arena.int32(users + 1).fill(events), items: arena.int32(events) };
    byUser.offsets.set(timelines.offsets);
    byUser.items.set(timelines.items);
    const { offsets, columns } = transposedRows({ offsets: timelines.offsets, columns: timelines.items }, items, arena);
    const byItem = { offsets, items: columns };
    const W = arena.float32(users * width);
    const H = arena.float32(items * width);
    const [gramW, gramH] = [arena.float32(width * width), arena.float32(width * width)];
    readPadded(userTable, 'all', W);
    readPadded(itemTable, 'all', H);
    const [allUsers, allItems] = [allRows(users), allRows(items)];
    const solver = objective.solver();
    objective.gram(arena, H, items, gramH);
    for (let epoch = 1; epoch <= run.epochs; epoch++) {
      run.signal.throwIfAborted();
      objective.solve(arena, { ...byUser, other: H, gram: gramH, others: items, rows: W, solver });
      objective.gram(arena, W, users, gramW);
      const loss = objective.solve(arena, { ...byItem, other: W, gram: gramW, others: users, rows: H, solver });
      objective.gram(arena, H, items, gramH);
      onGrams(gramW, gramH);
      assignPadded(userTable, allUsers, W);
      assignPadded(itemTable, allItems, H);
      const { stop } = await run.epoch({ epoch, loss: loss / Math.max(1, events) });
      if (stop) return;
    }
  } finally {
    arena.close();
  }
}
