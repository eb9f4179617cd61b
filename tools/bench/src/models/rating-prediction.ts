import {
  TandemError,
  type Batch,
  type Catalogue,
  type CatalogueItem,
  type PluginUse,
  type UserContexts,
} from '@tandem-rec/contract';
import { SeededRng, SharedEmbeddings, shuffle } from '@tandem-rec/compute';
import { createHost, tableOf } from '@tandem-rec/cotrainer';
import { InformationSharingModule, type Seat } from '@tandem-rec/cotraining';
import { countEvents, loadItems, TrainingSet, type Split } from '@tandem-rec/data';
import { movielens100k } from '@tandem-rec/dataset-files';
import { auc } from '@tandem-rec/evaluation';
import { compose, composePart, start, startPart } from '@tandem-rec/kernel';
import { cpuMs } from '../stream/cpu-clock.ts';

/** How well a model tells liked films from others, rated by the same users at the same moments. */
export interface RatingPredictionRow {
  readonly model: string;
  readonly auc: number;
  readonly logLoss: number;
  readonly validAuc: number;
  /** The pass after which it was best on validation; the others are of that pass. */
  readonly epoch: number;
  readonly cpuSecondsPerEpoch: number;
  /** Of training, until patience was over; judging is not in it. */
  readonly cpuSeconds: number;
}

export interface RatingPredictionOptions {
  /** Ratings of this value and more are positive. It has to be the label that the model was given. */
  readonly atLeast: number;
  readonly epochs: number;
  /** Passes without a better AUC on validation after which training ends. */
  readonly patience: number;
  readonly batch: number;
  /**
   * Instead of passes, the training part is played once as a stream, in the order of time, and each event is learned
   * again so many times later on, by chance. `epochs` is one.
   */
  readonly replay?: number;
  readonly historyLimit: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/**
 * Trains a domain model on the ratings of the training part, by the class of their values, and judges the class
 * probabilities that it gives to the ratings of the test part. Everybody is asked about with the training events
 * from before the rating.
 */
export async function ratingPrediction(
  model: string,
  use: PluginUse<'domain-model'>,
  split: Split,
  items: readonly CatalogueItem[],
  options: RatingPredictionOptions,
): Promise<RatingPredictionRow> {
  const { seed, signal, atLeast, historyLimit } = options;
  const composition = await compose({ domain: use, seed, limits: { threads: 1 } });
  const host = createHost({ seed, signal, logLevel: 'warn', write: ({ message }) => console.error(message) });
  const assembly = await start(composition, host, ['participants']);
  try {
    const [seat] = tableOf(assembly, host).seats;
    const module = await stage(seat, split, items, seed);
    const data = new TrainingSet(split, historyLimit);
    const valid = questions(split, data, split.valid, historyLimit);
    const test = questions(split, data, split.test, historyLimit);
    const rng = new SeededRng(seed, 'rating-prediction');
    const { replay } = options;
    const order = replay === undefined ? allOf(data) : inTime(data);
    let best: Pick<RatingPredictionRow, 'auc' | 'logLoss' | 'validAuc' | 'epoch'> | undefined;
    let spent = 0;
    let epoch = 0;
    while (epoch < options.epochs && epoch - (best?.epoch ?? 0) < options.patience) {
      signal.throwIfAborted();
      epoch++;
      const before = cpuMs();
      if (replay === undefined) shuffle(order, rng);
      for (let from = 0; from < order.length; from += options.batch) {
        const fresh = order.subarray(from, from + options.batch);
        const again = Int32Array.from(
          { length: from === 0 ? 0 : (replay ?? 0) * fresh.length },
          () => order[rng.int(from)],
        );
        const batch = data.batch(Int32Array.of(...fresh, ...again));
        await learn(seat, module, { ...batch, fresh: fresh.length });
      }
      spent += cpuMs() - before;
      const { auc: validAuc } = await judge(seat, valid, atLeast);
      if (best === undefined || validAuc > best.validAuc)
        best = { ...(await judge(seat, test, atLeast)), validAuc, epoch };
    }
    if (best === undefined) throw new TandemError('TANDEM_CONFIG_INVALID', 'There was no pass to judge.');
    return { model, ...best, cpuSecondsPerEpoch: spent / 1000 / epoch, cpuSeconds: spent / 1000 };
  } finally {
    await assembly.stop();
  }
}

/** The films of MovieLens 100K, for their genres. */
export async function movielensItems(signal: AbortSignal): Promise<readonly CatalogueItem[]> {
  const folder = process.cwd();
  const host = createHost({ seed: 42, signal, logLevel: 'silent', write: () => {} });
  const limits = { startMs: 120_000, stopMs: 10_000, callMs: 120_000, threads: 1 };
  const part = await composePart('dataset-reader', movielens100k(), folder);
  const reader = await startPart(part, { folder, limits }, host);
  try {
    return (await loadItems(reader.instance)).items;
  } finally {
    await reader.stop();
  }
}

/** The model with its tables, in a world that has the split's users and items. */
async function stage(
  seat: Seat,
  split: Split,
  items: readonly CatalogueItem[],
  seed: number,
): Promise<InformationSharingModule> {
  const { userIds, itemIds } = split.table;
  const embeddings = new SharedEmbeddings();
  for (const id of userIds) embeddings.index('user').add(id);
  for (const id of itemIds) embeddings.index('item').add(id);
  const counts = countEvents(split, ['train']);
  const module = new InformationSharingModule([seat], [], {
    embeddings,
    catalogue: catalogueOf(itemIds, items),
    statistics: {
      users: split.users,
      items: split.items,
      interactions: split.train.length,
      itemCounts: counts.items,
      userCounts: counts.users,
    },
    rng: (name) => new SeededRng(seed, name),
  });
  await module.attach();
  embeddings.ensureRows('user');
  embeddings.ensureRows('item');
  return module;
}

function catalogueOf(itemIds: readonly string[], items: readonly CatalogueItem[]): Catalogue {
  const known = new Map(items.map((item) => [item.id, item]));
  const rows = itemIds.map((id) => known.get(id) ?? { id, text: {}, categories: [] });
  return {
    size: rows.length,
    revision: 0,
    item: (row) => rows[row],
    row: (id) => {
      const row = itemIds.indexOf(id);
      return row < 0 ? undefined : row;
    },
    changedSince: () => new Int32Array(0),
  };
}

const allOf = ({ size }: TrainingSet): Int32Array => Int32Array.from({ length: size }, (_, event) => event);

/** All events, the oldest first. */
function inTime(data: TrainingSet): Int32Array {
  const { atMs } = data.batch(allOf(data));
  const times = atMs.slice();
  return allOf(data).sort((a, b) => times[a] - times[b] || a - b);
}

async function learn(seat: Seat, module: InformationSharingModule, batch: Batch): Promise<void> {
  const step = await seat.instance.learn!(batch, []);
  module.apply([{ name: seat.part.name, step }]);
}

interface Questions extends UserContexts {
  readonly items: Int32Array;
  readonly values: Float32Array;
}

/** Events as questions, each with the newest training events from before it. */
function questions({ table }: Split, { timelines }: TrainingSet, events: Int32Array, limit: number): Questions {
  const offsets = new Int32Array(events.length + 1);
  const positions = new Int32Array(events.length);
  const past: number[] = [];
  events.forEach((event, b) => {
    const from = timelines.offsets[table.users[event]];
    let to = timelines.offsets[table.users[event] + 1];
    while (to > from && timelines.atMs[to - 1] >= table.atMs[event]) to--;
    positions[b] = to - from;
    for (let slot = to - 1; slot >= Math.max(from, to - limit); slot--) past.push(timelines.items[slot]);
    offsets[b + 1] = past.length;
  });
  return {
    size: events.length,
    users: events.map((event) => table.users[event]),
    history: { offsets, items: Int32Array.from(past) },
    positions,
    atMs: Float64Array.from(events, (event) => table.atMs[event]),
    items: events.map((event) => table.items[event]),
    values: Float32Array.from(events, (event) => table.values[event]),
  };
}

async function judge(
  { instance }: Seat,
  { items, values, ...users }: Questions,
  atLeast: number,
): Promise<{ readonly auc: number; readonly logLoss: number }> {
  const offsets = Int32Array.from({ length: items.length + 1 }, (_, b) => b);
  const logits = await instance.predict(users, { kind: 'ragged', offsets, items });
  const positive = Uint8Array.from(values, (value) => (value >= atLeast ? 1 : 0));
  const loss = logits.reduce((sum, y, b) => {
    const margin = positive[b] ? y : -y;
    return sum + Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  }, 0);
  return { auc: auc(logits, positive), logLoss: loss / items.length };
}
