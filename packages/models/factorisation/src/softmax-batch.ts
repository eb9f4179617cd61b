import { allRows, Arena, ArenaAdam, requireMemory, shuffle } from '@tandem-rec/compute';
import type { FitRun, GrantedTable, Rng, Timelines } from '@tandem-rec/contract';
import { drawMixed } from './mixed-negatives.ts';
import { assignPadded, paddedWidth, readPadded } from './padded.ts';
import { sampleSize, SoftmaxLoss } from './softmax-loss.ts';
import type { SoftmaxMfOptions } from './softmax-mf.ts';
import { TouchedRows } from './touched-rows.ts';

/** Rows of one side in the arena, with what Adam and a step need. */
class TrainedRows {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly touched: TouchedRows;
  readonly #width: number;
  readonly #adam: ArenaAdam;
  readonly #table: GrantedTable;

  constructor(arena: Arena, table: GrantedTable) {
    this.#table = table;
    this.#width = paddedWidth(table.dim);
    [this.values, this.gradient] = [0, 1].map(() => arena.float32(table.rows * this.#width));
    this.touched = new TouchedRows(table.rows);
    this.#adam = new ArenaAdam(arena, this.values);
    readPadded(table, 'all', this.values);
  }

  /** Moves the touched rows; their gradient is zero again. */
  step(learningRate: number, decay: number): void {
    const { rows } = this.touched;
    this.#adam.stepRows(rows, this.#width, this.gradient, learningRate, decay);
    for (const row of rows) this.gradient.fill(0, row * this.#width, (row + 1) * this.#width);
  }

  assign(): void {
    assignPadded(this.#table, allRows(this.#table.rows), this.values);
  }
}

/**
 * Passes over the events in random order. A step moves the rows that its pairs and negatives name, by lazy Adam: its cost does
 * not depend on how many users and items there are.
 */
export async function fitSoftmax(
  tables: { readonly user: GrantedTable; readonly item: GrantedTable },
  { offsets, items: met }: Timelines,
  options: SoftmaxMfOptions,
  rng: Rng,
  run: FitRun,
): Promise<void> {
  const events = met.length;
  const items = tables.item.rows;
  const width = paddedWidth(tables.user.dim);
  const { learningRate, regularisation } = options.fit;
  const batch = Math.min(options.fit.batch, events);
  requireMemory(
    `A sampled softmax of ${tables.user.rows} users and ${items} items`,
    4 * (tables.user.rows + items) * (4 * width + 2) + 4 * (4 * batch + 2 * sampleSize(options)) * width + 12 * events,
  );
  const arena = new Arena();
  try {
    const [W, H] = [tables.user, tables.item].map((table) => new TrainedRows(arena, table));
    const loss = new SoftmaxLoss(arena, options, width, Math.max(1, batch));
    const counts = new Int32Array(items);
    for (const item of met) counts[item]++;
    const occurrences = { items, events: met, counts, total: events };
    const owners = new Int32Array(events);
    for (let user = 0; user + 1 < offsets.length; user++) owners.fill(user, offsets[user], offsets[user + 1]);
    const order = allRows(events);
    const steps = run.epochs * Math.ceil(events / Math.max(1, batch));
    for (let epoch = 1, step = 0; epoch <= run.epochs; epoch++) {
      shuffle(order, rng);
      let sum = 0;
      for (let from = 0; from < events; from += batch) {
        run.signal.throwIfAborted();
        const count = Math.min(batch, events - from);
        for (let k = 0; k < count; k++) {
          loss.users.rows[k] = owners[order[from + k]];
          loss.items.rows[k] = met[order[from + k]];
        }
        drawMixed(occurrences, options, rng, loss.negatives.rows, loss.shifts);
        sum += count * loss.descend(W.values, H.values, count, 1 / count, W.gradient, H.gradient);
        W.touched.begin();
        W.touched.add(loss.users.rows.subarray(0, count));
        H.touched.begin();
        H.touched.add(loss.items.rows.subarray(0, count));
        H.touched.add(loss.negatives.rows);
        const rate = learningRate * (1 - step++ / steps);
        for (const rows of [W, H]) rows.step(rate, regularisation);
      }
      for (const rows of [W, H]) rows.assign();
      const { stop } = await run.epoch({ epoch, loss: sum / Math.max(1, events) });
      if (stop) return;
    }
  } finally {
    arena.close();
  }
}
