import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  Environment,
  FitRun,
  GrantedTable,
  Interactions,
  Lesson,
  Matrix,
  Rng,
  Rows,
  Scores,
  Side,
  State,
  Statistics,
  Step,
  UserContexts,
} from '@tandem-rec/contract';
import { Arena, requireMemory, sgemm } from '@tandem-rec/compute';
import { bipartiteGraph } from './bipartite-graph.ts';
import { Edges } from './edges.ts';
import { GraphTraining } from './graph-training.ts';
import { LightPropagation } from './light-propagation.ts';
import type { LightGcnOptions } from './lightgcn.ts';
import { Negatives } from './negatives.ts';
import { PairLoss } from './pair-loss.ts';
import { Surroundings } from './surroundings.ts';

/** New edges below which the graph is not spread anew. */
const FEW = 256;

/** Lengths below this count as this. */
const SHORTEST = 1e-6;

/** The participant behind `lightgcn`: vectors, learning and state. The maths is in `LightPropagation` and `PairLoss`. */
export class LightGcnModel implements DomainModel {
  readonly #options: LightGcnOptions;
  readonly #rng: Rng;
  readonly #arena: Arena;
  readonly #share: number;
  readonly #edges = new Edges();
  readonly #surroundings: Surroundings;
  /** Edges when the graph was last spread. */
  #spread = 0;
  #users!: GrantedTable;
  #items!: GrantedTable;
  #statistics!: Statistics;

  constructor(options: LightGcnOptions, { rng, threads }: Pick<Environment, 'rng' | 'threads'>) {
    this.#options = options;
    this.#rng = rng;
    this.#arena = new Arena({ threads });
    this.#share = 1 / (options.layers + 1);
    this.#surroundings = new Surroundings(options.dim);
  }

  attach({ own, statistics }: Attachment): void {
    this.#users = own['user'];
    this.#items = own['item'];
    this.#statistics = statistics;
  }

  /** Trains rows of layer 0 with gradients through the whole graph; tables and vectors are up to date at each `epoch`. */
  async fit({ timelines, users, items }: Interactions, run: FitRun): Promise<void> {
    const { dim, batch } = this.#options;
    this.#edges.assign(timelines);
    const floats = 8 * (users + items) * dim + 6 * Math.min(batch, timelines.items.length) * dim;
    requireMemory(`LightGCN of ${users} users and ${items} items`, 4 * floats + 24 * timelines.items.length);
    const work = new Arena({ threads: this.#arena.threads });
    try {
      const graph = bipartiteGraph(work, timelines.offsets, timelines.items, items);
      if (graph.edges === 0) return;
      const training = new GraphTraining(work, graph, this.#options, this.#rng, run.epochs);
      const [ofUsers, ofItems] = [training.E.subarray(0, users * dim), training.E.subarray(users * dim)];
      this.#users.copy(users, ofUsers);
      this.#items.copy(items, ofItems);
      for (let epoch = 1; epoch <= run.epochs && !run.signal.aborted; epoch++) {
        const loss = training.epoch(() => run.signal.aborted);
        training.spread();
        this.#users.assign(rowsBelow(users), ofUsers);
        this.#items.assign(rowsBelow(items), ofItems);
        this.#surroundings.measure(graph, training.E, training.F, training.propagation.inner, this.#share);
        this.#spread = this.#edges.size;
        if ((await run.epoch({ epoch, loss })).stop) return;
      }
    } finally {
      work.close();
    }
  }

  /**
   * Moves the rows of the batch. Neighbours count as they were when the graph was last spread, as constants: a row's
   * gradient is that of its vector times 1/(K + 1). The graph grows, and is spread again at a fixed share of new edges.
   */
  async learn(
    batch: Batch,
    _lessons: readonly Lesson[],
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<Step> {
    if (!dryRun) this.#spreadIfDue();
    const { dim, loss } = this.#options;
    const { size } = batch;
    const drawn = loss.kind === 'bpr' ? size : Math.ceil(loss.negatives / 4) * 4;
    const position = dryRun ? this.#rng.save() : undefined;
    const step = this.#arena.scoped((): Step => {
      const pairs = new PairLoss(this.#arena, loss, dim, size, drawn);
      const negatives = this.#draw(batch, pairs);
      const items = Int32Array.from([...batch.items.subarray(0, size), ...negatives]);
      const F = this.#arena.float32((2 * size + drawn) * dim);
      F.set(this.#userVectors(batch));
      F.set(this.#itemVectors(items), size * dim);
      const dF = this.#arena.float32(F.length);
      // An item has one row, however often it is named: its own pair must recognise it among the negatives.
      const rowOf = new Map<number, number>();
      for (let k = items.length - 1; k >= 0; k--) rowOf.set(items[k], size + k);
      for (let b = 0; b < size; b++) [pairs.users.rows[b], pairs.items.rows[b]] = [b, rowOf.get(batch.items[b])!];
      for (let j = 0; j < drawn; j++) pairs.negatives.rows[j] = rowOf.get(negatives[j])!;
      const ranking = pairs.descend(F, size, this.#share, dF);
      const [ofUsers, ofItems] = [dF.slice(0, size * dim), dF.slice(size * dim)];
      return {
        losses: { ranking },
        rowGradients: [
          { table: this.#users.name, rows: batch.users.slice(0, size), values: ofUsers },
          { table: this.#items.name, rows: items, values: ofItems },
        ],
      };
    });
    if (position) {
      this.#rng.load(position);
      return { losses: step.losses, rowGradients: [] };
    }
    for (let b = 0; b < batch.fresh; b++) this.#edges.add(batch.users[b], batch.items[b]);
    return step;
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const { dim, loss } = this.#options;
    const { items } = candidates;
    const nobody = new Uint8Array(users.size);
    const U = this.#userVectors(users, nobody);
    const V = this.#itemVectors(items);
    if (loss.kind === 'sampled-softmax') {
      if (loss.similarity === 'cosine') for (const vectors of [U, V]) normalise(vectors, dim);
      for (let i = 0; i < U.length; i++) U[i] /= loss.temperature;
    }
    const shared = candidates.kind === 'shared';
    const scores = new Float32Array(shared ? users.size * items.length : items.length);
    const bounds = (b: number): readonly [number, number] =>
      shared ? [b * items.length, (b + 1) * items.length] : [candidates.offsets[b], candidates.offsets[b + 1]];
    if (shared) sgemm({ transB: true }, users.size, items.length, dim, 1, U, V, 0, scores);
    for (let b = 0; b < users.size; b++) {
      const [from, to] = bounds(b);
      const at = shared ? 0 : from;
      const row = scores.subarray(from, to);
      if (nobody[b]) for (let i = 0; i < row.length; i++) row[i] = this.#popularity(items[at + i]);
      else if (!shared)
        sgemm({ transB: true }, 1, to - from, dim, 1, U.subarray(b * dim), V.subarray(from * dim), 0, row);
    }
    return scores;
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const { dim } = this.#options;
    const data =
      side === 'item'
        ? this.#itemVectors(rows)
        : this.#userVectors({ size: rows.length, users: rows, history: NO_HISTORY(rows.length) });
    return { rows: rows.length, cols: dim, data };
  }

  save(): State {
    return {
      version: 1,
      arrays: [...this.#edges.save(), ...this.#surroundings.save()],
      values: { spread: this.#spread },
    };
  }

  load(state: State): void {
    this.#surroundings.load(state);
    this.#edges.load(state);
    this.#spread = Number(state.values['spread']);
  }

  close(): void {
    this.#arena.close();
  }

  /** Items that pairs of the batch compete with. */
  #draw(batch: Batch, pairs: PairLoss): Int32Array {
    const { loss } = this.#options;
    const items = this.#items.rows;
    const popularity = loss.kind === 'bpr' ? 0 : loss.popularity;
    const negatives = new Negatives(this.#rng, this.#statistics.itemCounts, items, popularity);
    const drawn = new Int32Array(pairs.negatives.rows.length);
    if (loss.kind !== 'bpr') negatives.sample(loss, drawn, pairs.shifts);
    else
      for (let b = 0; b < batch.size; b++) {
        const met = batch.history.items.subarray(batch.history.offsets[b], batch.history.offsets[b + 1]);
        drawn[b] = negatives.other(batch.items[b], (item) => met.includes(item));
      }
    return drawn;
  }

  /** Vectors of users, `size × dim`; `nobody` is told of whom nothing is known. */
  #userVectors({ size, users, history }: Pick<UserContexts, 'size' | 'users' | 'history'>, nobody?: Uint8Array) {
    const { dim } = this.#options;
    const vectors = new Float32Array(size * dim);
    this.#users.gather(users.subarray(0, size), vectors);
    for (let i = 0; i < vectors.length; i++) vectors[i] *= this.#share;
    for (let b = 0; b < size; b++) {
      const items = history.items.subarray(history.offsets[b], history.offsets[b + 1]);
      const met = this.#surroundings.addUser(users[b], items, vectors, b * dim);
      if (nobody && !met && !(this.#statistics.userCounts[users[b]] > 0)) nobody[b] = 1;
    }
    return vectors;
  }

  /** Vectors of items, `rows.length × dim`. */
  #itemVectors(rows: Rows): Float32Array {
    const { dim } = this.#options;
    const vectors = new Float32Array(rows.length * dim);
    this.#items.gather(rows, vectors);
    for (let i = 0; i < vectors.length; i++) vectors[i] *= this.#share;
    for (let k = 0; k < rows.length; k++) this.#surroundings.addItem(rows[k], vectors, k * dim);
    return vectors;
  }

  #popularity(item: number): number {
    return Math.log1p(this.#statistics.itemCounts[item] ?? 0);
  }

  #spreadIfDue(): void {
    const { dim, layers, online } = this.#options;
    if (this.#edges.size - this.#spread < Math.max(FEW, online.refresh * this.#spread)) return;
    this.#spread = this.#edges.size;
    const [users, items] = [this.#users.rows, this.#items.rows];
    const { offsets, items: list } = this.#edges.lists(users);
    this.#arena.scoped(() => {
      const graph = bipartiteGraph(this.#arena, offsets, list, items);
      const [E, F] = [graph.nodes, graph.nodes].map((rows) => this.#arena.float32(rows * dim));
      this.#users.copy(users, E.subarray(0, users * dim));
      this.#items.copy(items, E.subarray(users * dim));
      const propagation = new LightPropagation(this.#arena, graph, dim, layers);
      propagation.forward(E, F);
      this.#surroundings.measure(graph, E, F, propagation.inner, this.#share);
    });
  }
}

const NO_HISTORY = (size: number) => ({ offsets: new Int32Array(size + 1), items: new Int32Array(0) });

const rowsBelow = (count: number): Rows => Int32Array.from({ length: count }, (_, row) => row);

function normalise(vectors: Float32Array, dim: number): void {
  for (let at = 0; at < vectors.length; at += dim) {
    let square = 0;
    for (let d = 0; d < dim; d++) square += vectors[at + d] ** 2;
    const inverse = 1 / Math.max(Math.sqrt(square), SHORTEST);
    for (let d = 0; d < dim; d++) vectors[at + d] *= inverse;
  }
}
