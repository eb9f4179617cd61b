import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  Environment,
  FitRun,
  GrantedTable,
  Interactions,
  LearnOptions,
  Lesson,
  Matrix,
  RepresentationLesson,
  Rng,
  Rows,
  Scores,
  Side,
  State,
  Statistics,
  Step,
  UserContexts,
} from '@tandem-rec/contract';
import { alignVectors, allRows, Arena, InnerProducts, requireMemory, sgemm, rescaleRows } from '@tandem-rec/compute';
import { bipartiteGraph } from './bipartite-graph.ts';
import type { Convolution } from './convolution.ts';
import { Edges } from './edges.ts';
import { GraphTraining } from './graph-training.ts';
import { batchOf, type GraphOptions } from './graph-options.ts';
import { ItemVectors } from './item-vectors.ts';
import { Negatives } from './negatives.ts';
import { NodeReader, type Users } from './node-reader.ts';
import { floatsOfPairs, PairLoss } from './pair-loss.ts';
import { Surroundings } from './surroundings.ts';

/** New edges below which the graph is not spread anew. */
const FEW = 256;

/** The participant behind every graph model: learning, ranking and state. The maths is in `Convolution` and `PairLoss`. */
export class GraphModel implements DomainModel {
  readonly #options: GraphOptions;
  readonly #convolution: Convolution;
  readonly #rng: Rng;
  readonly #arena: Arena;
  readonly #products = new InnerProducts();
  /** Of items, as they rank. */
  readonly #ranking: ItemVectors;
  readonly #edges = new Edges();
  readonly #surroundings: Surroundings;
  /** Edges when the graph was last spread. */
  #spread = 0;
  #users!: GrantedTable;
  #items!: GrantedTable;
  #statistics!: Statistics;
  #nodes!: NodeReader;

  constructor(options: GraphOptions, { rng, threads }: Pick<Environment, 'rng' | 'threads'>, convolution: Convolution) {
    this.#options = options;
    this.#convolution = convolution;
    this.#rng = rng;
    this.#arena = new Arena({ threads });
    this.#surroundings = new Surroundings(convolution.nearWidth);
    this.#ranking = new ItemVectors(convolution.width, (rows) => this.#nodes.rankingItems(rows));
  }

  attach({ own, statistics }: Attachment): void {
    this.#users = own['user'];
    this.#items = own['item'];
    this.#statistics = statistics;
    this.#nodes = new NodeReader(this.#arena, this.#convolution, this.#options, {
      users: this.#users,
      items: this.#items,
      statistics,
      surroundings: this.#surroundings,
    });
  }

  /** Trains rows of layer 0 with gradients through the whole graph; tables and vectors are up to date at each `epoch`. */
  async fit({ timelines, users, items }: Interactions, run: FitRun): Promise<void> {
    const { dim, loss } = this.#options;
    this.#edges.assign(timelines);
    const { name, width, floatsPerNode } = this.#convolution;
    const ofPairs = floatsOfPairs(loss, batchOf(this.#options, timelines.items.length), width);
    const floats = (users + items) * floatsPerNode + ofPairs;
    requireMemory(`${name} of ${users} users and ${items} items`, 4 * floats + 24 * timelines.items.length);
    const work = new Arena({ threads: this.#arena.threads });
    try {
      const graph = bipartiteGraph(work, timelines.offsets, timelines.items, items);
      if (graph.edges === 0) return;
      const training = new GraphTraining(work, graph, this.#convolution, this.#options, this.#rng, run.epochs);
      const [ofUsers, ofItems] = [training.E.subarray(0, users * dim), training.E.subarray(users * dim)];
      this.#users.copy(users, ofUsers);
      this.#items.copy(items, ofItems);
      for (let epoch = 1; epoch <= run.epochs && !run.signal.aborted; epoch++) {
        const loss = training.epoch(() => run.signal.aborted);
        training.spread();
        this.#users.assign(allRows(users), ofUsers);
        this.#items.assign(allRows(items), ofItems);
        this.#surroundings.measure(graph, training.propagation.messages(training.E, training.F));
        this.#ranking.forget();
        this.#spread = this.#edges.size;
        if ((await run.epoch({ epoch, loss })).stop) return;
      }
    } finally {
      work.close();
    }
  }

  /**
   * Moves the rows of the batch, and those of lessons. Neighbours count as they were when the graph was last spread, as
   * constants. The graph grows, and is spread again at a fixed share of new edges, or, in epochs, of edges seen again.
   */
  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false, rate = 1 }: LearnOptions = {},
  ): Promise<Step> {
    if (!dryRun) this.#spreadIfDue();
    const { dim, loss } = this.#options;
    const { size } = batch;
    const taught = lessons.filter((lesson) => lesson.kind === 'representations');
    const about = (side: Side): number[] => taught.flatMap((lesson) => (lesson.side === side ? [...lesson.rows] : []));
    const position = dryRun ? this.#rng.save() : undefined;
    const step = this.#arena.scoped((): Step => {
      const pairs = new PairLoss(this.#arena, loss, this.#convolution.width, size);
      const negatives = this.#draw(batch, pairs);
      const users = Int32Array.from([...batch.users.subarray(0, size), ...about('user')]);
      const items = Int32Array.from([...batch.items.subarray(0, size), ...negatives, ...about('item')]);
      const nodes = this.#convolution.nodes(this.#arena, users.length + items.length);
      this.#nodes.placeUsers(withHistories(users, batch), nodes);
      this.#nodes.placeItems(items, nodes, users.length);
      nodes.forward();
      const dF = this.#arena.float32(nodes.F.length);
      // Whoever is named several times has one row: an own pair must recognise it among the negatives.
      const nodeOf = { user: firstPlaces(users, 0), item: firstPlaces(items, users.length) };
      for (let b = 0; b < size; b++) [pairs.users.rows[b], pairs.items.rows[b]] = [b, nodeOf.item.get(batch.items[b])!];
      for (let j = 0; j < negatives.length; j++) pairs.negatives.rows[j] = nodeOf.item.get(negatives[j])!;
      const ranking = pairs.descend(nodes.F, size, 1, dF);
      const alignment = taught.map((lesson) =>
        this.#align(
          lesson,
          Array.from(lesson.rows, (row) => nodeOf[lesson.side].get(row)!),
          nodes.F,
          dF,
        ),
      );
      const dE = nodes.backward(dF);
      if (!dryRun) nodes.step?.(rate);
      const border = users.length * dim;
      return {
        losses: { ranking, ...(alignment.length > 0 && { alignment: alignment.reduce((sum, one) => sum + one, 0) }) },
        rowGradients: [
          { table: this.#users.name, rows: users, values: dE.slice(0, border) },
          { table: this.#items.name, rows: items, values: dE.slice(border) },
        ],
      };
    });
    if (position) {
      this.#rng.load(position);
      return { losses: step.losses, rowGradients: [] };
    }
    this.#ranking.forget();
    for (let b = 0; b < batch.fresh; b++) this.#edges.add(batch.users[b], batch.items[b]);
    return step;
  }

  /** Loss of a lesson about the vectors of some nodes; its gradient is added to theirs. */
  #align(lesson: RepresentationLesson, nodes: readonly number[], F: Float32Array, dF: Float32Array): number {
    const { width } = this.#convolution;
    const vectors = new Float32Array(nodes.length * width);
    for (const [k, node] of nodes.entries()) vectors.set(F.subarray(node * width, (node + 1) * width), k * width);
    const gradient = new Float32Array(vectors.length);
    const value = alignVectors(lesson, width, vectors, gradient);
    for (const [k, node] of nodes.entries())
      for (let d = 0; d < width; d++) dF[node * width + d] += gradient[k * width + d];
    return value;
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const { loss } = this.#options;
    const { width } = this.#convolution;
    const { items } = candidates;
    const nobody = new Uint8Array(users.size);
    const U = this.#nodes.ofUsers(users, nobody);
    const V = this.#ranking.of(items, this.#items);
    if (loss.kind === 'sampled-softmax') {
      if (loss.similarity === 'cosine') rescaleRows(U, users.size, width, 0);
      for (let i = 0; i < U.length; i++) U[i] /= loss.temperature;
    }
    const shared = candidates.kind === 'shared';
    const scores = shared
      ? this.#products.score(U, users.size, { count: items.length, dim: width, read: (into) => into.set(V) })
      : new Float32Array(items.length);
    const bounds = (b: number): readonly [number, number] =>
      shared ? [b * items.length, (b + 1) * items.length] : [candidates.offsets[b], candidates.offsets[b + 1]];
    for (let b = 0; b < users.size; b++) {
      const [from, to] = bounds(b);
      const at = shared ? 0 : from;
      const row = scores.subarray(from, to);
      if (nobody[b]) for (let i = 0; i < row.length; i++) row[i] = this.#popularity(items[at + i]);
      else if (!shared)
        sgemm({ transB: true }, 1, to - from, width, 1, U.subarray(b * width), V.subarray(from * width), 0, row);
    }
    return scores;
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const data =
      side === 'item'
        ? this.#nodes.ofItems(rows)
        : this.#nodes.ofUsers({ size: rows.length, users: rows, history: NO_HISTORY(rows.length) });
    return { rows: rows.length, cols: this.#convolution.width, data };
  }

  save(): State {
    return {
      version: 1,
      arrays: [...this.#edges.save(), ...this.#surroundings.save(), ...this.#convolution.save()],
      values: { spread: this.#spread },
    };
  }

  load(state: State): void {
    this.#surroundings.load(state);
    this.#convolution.load(state);
    this.#edges.load(state);
    this.#spread = Number(state.values['spread']);
    this.#ranking.forget();
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
    if (loss.kind !== 'bpr') negatives.sample(loss, pairs.sample, drawn, pairs.shifts);
    else
      for (let b = 0; b < batch.size; b++) {
        const met = batch.history.items.subarray(batch.history.offsets[b], batch.history.offsets[b + 1]);
        drawn[b] = negatives.other(batch.items[b], (item) => met.includes(item));
      }
    return drawn;
  }

  #popularity(item: number): number {
    return Math.log1p(this.#statistics.itemCounts[item] ?? 0);
  }

  #spreadIfDue(): void {
    const { dim, online } = this.#options;
    if (this.#edges.size - this.#spread < Math.max(FEW, online.refresh * this.#spread)) return;
    const [users, items] = [this.#users.rows, this.#items.rows];
    const { offsets, items: list } = this.#edges.lists(users);
    this.#arena.scoped(() => {
      const graph = bipartiteGraph(this.#arena, offsets, list, items);
      // What was learned again, as in epochs, is no new edge.
      if (graph.edges < list.length) this.#edges.assign({ offsets: graph.byUser.offsets, items: graph.byUser.indices });
      this.#spread = graph.edges;
      const [E, F] = [dim, this.#convolution.width].map((columns) => this.#arena.float32(graph.nodes * columns));
      this.#users.copy(users, E.subarray(0, users * dim));
      this.#items.copy(items, E.subarray(users * dim));
      const propagation = this.#convolution.over(this.#arena, graph);
      propagation.forward(E, F);
      this.#surroundings.measure(graph, propagation.messages(E, F));
    });
  }
}

const NO_HISTORY = (size: number) => ({ offsets: new Int32Array(size + 1), items: new Int32Array(0) });

/** Users of a batch, and after them others without a history. */
function withHistories(users: Rows, { size, history: { offsets, items } }: Batch): Users {
  const all = new Int32Array(users.length + 1).fill(offsets[size]);
  all.set(offsets.subarray(0, size + 1));
  return { size: users.length, users, history: { offsets: all, items } };
}

/** Where each row is named first, counted from `start`. */
function firstPlaces(rows: Rows, start: number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (let k = rows.length - 1; k >= 0; k--) places.set(rows[k], start + k);
  return places;
}
