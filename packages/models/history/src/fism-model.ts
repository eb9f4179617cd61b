import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  Environment,
  GrantedTable,
  LearnOptions,
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
import { Adam, Arena, arenaSgemm, DecayedCounts, isWhole, restore, sgemm } from '@tandem-rec/compute';
import { align } from './alignment.ts';
import { FismObjective } from './fism-objective.ts';
import type { FismOptions } from './fism.ts';
import { FismParameters } from './parameters.ts';
import { arenaRoom, arenaRowRoom, room, rowRoom } from './scratch.ts';
import { UserTower, type PooledHistories } from './user-tower.ts';
import { WorkingSet } from './working-set.ts';

const VERSION = 1;

/** The participant behind `fism`: tables, candidates, lessons and state. The maths is in `FismObjective` and `UserTower`. */
export class FismModel implements DomainModel {
  readonly #options: FismOptions;
  readonly #rng: Rng;
  readonly #arena = new Arena();
  readonly #parameters: FismParameters;
  readonly #adam: Adam;
  readonly #objective: FismObjective;
  readonly #popularity: DecayedCounts;
  readonly #set = new WorkingSet();
  /** For `predict`; the objective has its own. */
  readonly #tower: UserTower;
  #items!: GrantedTable;
  #biases!: GrantedTable;
  #users!: GrantedTable;
  #statistics!: Statistics;

  // Scratch of a step or a prediction, in the arena what kernels read or write.
  #E: Float32Array = new Float32Array(0);
  #bias = new Float32Array(0);
  #logPopularity = new Float32Array(0);
  #P: Float32Array = new Float32Array(0);
  #historyRows: Float32Array = new Float32Array(0);
  #offsets: Int32Array = new Int32Array(0);
  #entries: Int32Array = new Int32Array(0);
  #shared: Float32Array = new Float32Array(0);
  #scores = new Float32Array(0);
  #userRows = new Int32Array(0);
  #dUsers = new Float32Array(0);
  #aligned = new Float32Array(0);
  #dAligned = new Float32Array(0);

  constructor(options: FismOptions, { rng }: Pick<Environment, 'rng'>) {
    const { dim, history, decays, popularity } = options;
    this.#options = options;
    this.#rng = rng;
    this.#parameters = FismParameters.initial(
      this.#arena,
      { dim, heads: decays.length, positions: history },
      decays,
      popularity.weight,
    );
    this.#adam = new Adam(this.#parameters.vector.length, options.denseLearningRate);
    this.#objective = new FismObjective(this.#arena, this.#parameters);
    this.#tower = new UserTower(this.#arena, this.#parameters);
    this.#popularity = new DecayedCounts(popularity.halfLife);
  }

  attach({ own, statistics }: Attachment): void {
    this.#items = own['item'];
    this.#biases = own['item-bias'];
    this.#users = own['user'];
    this.#statistics = statistics;
  }

  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false, rate = 1 }: LearnOptions = {},
  ): Promise<Step> {
    const set = this.#select(batch, lessons, dryRun);
    const losses = this.#objective.evaluate(this.#input(batch), lessons, dryRun);
    const { size } = batch;
    const { dim } = this.#options;

    this.#userRows = rowRoom(this.#userRows, size);
    this.#userRows.set(batch.users.subarray(0, size));
    this.#dUsers = room(this.#dUsers, size * dim);
    this.#dUsers.set(this.#objective.dh.subarray(0, size * dim));
    const alignment = this.#align(lessons, size);
    const report = { ranking: losses.ranking, ...distillation(lessons, losses.distillation), ...alignment.losses };
    if (dryRun) return { losses: report, rowGradients: [] };

    this.#adam.step(this.#parameters.vector, this.#objective.gradient.vector, rate);
    for (let b = 0; b < batch.fresh; b++) this.#popularity.add(batch.items[b], this.#popularity.now + 1);
    return {
      losses: report,
      rowGradients: [
        { table: this.#items.name, rows: set.rows, values: this.#objective.dE.subarray(0, set.size * dim) },
        { table: this.#biases.name, rows: set.rows, values: this.#objective.dBias.subarray(0, set.size) },
        {
          table: this.#users.name,
          rows: this.#userRows.subarray(0, alignment.userRows),
          values: this.#dUsers.subarray(0, alignment.userRows * dim),
        },
      ],
    };
  }

  async predict(users: UserContexts, items: Candidates): Promise<Scores> {
    const { size } = users;
    const { dim } = this.#options;
    this.#readUsers(users.users, size);
    const n = items.items.length;
    if (isWhole(items, this.#items.rows)) {
      this.#readItems(items.items, true);
      const h = this.#tower.forward(size, this.#P, this.#cut(users, undefined), this.#E);
      return this.#scoreShared(h, size, n);
    }
    const h = this.#tower.forward(size, this.#P, this.#cutAndGather(users), this.#historyRows);
    if (items.kind === 'shared') {
      this.#readItems(items.items, false);
      return this.#scoreShared(h, size, n);
    }
    const scores = (this.#scores = room(this.#scores, n));
    for (let b = 0; b < size; b++) {
      const start = items.offsets[b];
      const end = items.offsets[b + 1];
      this.#readItems(items.items.subarray(start, end), false);
      const row = scores.subarray(start, end);
      for (let i = 0; i < row.length; i++) row[i] = this.#bias[i] + this.#parameters.gamma[0] * this.#logPopularity[i];
      sgemm({ transB: true }, 1, end - start, dim, 1, h.subarray(b * dim, (b + 1) * dim), this.#E, 1, row);
    }
    return scores.subarray(0, n);
  }

  /** The rows of users or items: what lasts. A user's state of the moment needs a history, and is what `predict` uses. */
  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const { dim } = this.#options;
    const data = new Float32Array(rows.length * dim);
    (side === 'user' ? this.#users : this.#items).gather(rows, data);
    return { rows: rows.length, cols: dim, data };
  }

  save(): State {
    return {
      version: VERSION,
      arrays: [
        {
          name: 'parameters',
          shape: [this.#parameters.vector.length],
          owner: 'common',
          data: this.#parameters.vector.slice(),
        },
        ...this.#adam.save(),
        ...this.#popularity.save(),
      ],
      values: {},
    };
  }

  load(state: State): void {
    restore(state, 'parameters', this.#parameters.vector);
    for (const { name, data } of this.#adam.save()) restore(state, name, data);
    this.#popularity.load(state);
  }

  close(): void {
    this.#arena.close();
  }

  #select(batch: Batch, lessons: readonly Lesson[], dryRun: boolean): WorkingSet {
    const set = this.#set;
    const { negatives, history } = this.#options;
    const { rows } = this.#items;
    if (rows <= negatives) set.selectAll(rows);
    else {
      const position = dryRun ? this.#rng.save() : undefined;
      set.sample(batch, rows, negatives, this.#statistics, this.#rng);
      if (position) this.#rng.load(position);
      set.include(batch, history, lessons);
    }
    return set;
  }

  #input(batch: Batch) {
    const set = this.#set;
    this.#readItems(set.rows, set.whole);
    this.#readUsers(batch.users, batch.size);
    return {
      batch,
      set,
      E: this.#E,
      bias: this.#bias,
      logPopularity: this.#logPopularity,
      P: this.#P,
      histories: this.#cut(batch, set),
      maskHistory: this.#options.maskHistory,
    };
  }

  /** E, b and log popularity of these rows; `whole`: they are all rows in order. */
  #readItems(rows: Rows, whole: boolean): void {
    const n = rows.length;
    this.#E = arenaRoom(this.#arena, this.#E, n * this.#options.dim);
    this.#bias = room(this.#bias, n);
    this.#logPopularity = room(this.#logPopularity, n);
    if (whole) {
      this.#items.copy(n, this.#E);
      this.#biases.copy(n, this.#bias);
    } else {
      this.#items.gather(rows, this.#E);
      this.#biases.gather(rows, this.#bias);
    }
    this.#popularity.read(rows, this.#logPopularity);
    // 0 for an item nobody met.
    const { smoothing } = this.#options.popularity;
    for (let i = 0; i < n; i++) this.#logPopularity[i] = Math.log(this.#logPopularity[i] / smoothing + 1);
  }

  #readUsers(users: Rows, size: number): void {
    this.#P = arenaRoom(this.#arena, this.#P, size * this.#options.dim);
    this.#users.gather(users.length === size ? users : users.subarray(0, size), this.#P);
  }

  /** Histories cut to the model's positions, as rows of the working set, or as they are where there is none. */
  #cut({ size, history }: UserContexts, set: WorkingSet | undefined): PooledHistories {
    const { history: positions } = this.#options;
    this.#offsets = arenaRowRoom(this.#arena, this.#offsets, size + 1);
    this.#entries = arenaRowRoom(this.#arena, this.#entries, Math.min(history.items.length, size * positions));
    let end = 0;
    for (let b = 0; b < size; b++) {
      this.#offsets[b] = end;
      const start = history.offsets[b];
      const length = Math.min(history.offsets[b + 1] - start, positions);
      for (let k = 0; k < length; k++)
        this.#entries[end++] = set ? set.local(history.items[start + k]) : history.items[start + k];
    }
    this.#offsets[size] = end;
    return { offsets: this.#offsets, rows: this.#entries };
  }

  /** The same with the items' rows side by side in `#historyRows`. */
  #cutAndGather(users: UserContexts): PooledHistories {
    const histories = this.#cut(users, undefined);
    const entries = histories.offsets[users.size];
    this.#historyRows = arenaRoom(this.#arena, this.#historyRows, entries * this.#options.dim);
    this.#items.gather(this.#entries.subarray(0, entries), this.#historyRows);
    for (let i = 0; i < entries; i++) this.#entries[i] = i;
    return histories;
  }

  #scoreShared(h: Float32Array, size: number, n: number): Scores {
    const { dim } = this.#options;
    const scores = (this.#shared = arenaRoom(this.#arena, this.#shared, size * n));
    const gamma = this.#parameters.gamma[0];
    for (let i = 0; i < n; i++) this.#bias[i] += gamma * this.#logPopularity[i];
    for (let b = 0; b < size; b++) scores.set(this.#bias.subarray(0, n), b * n);
    const [H, V] = [h, this.#E].map((data) => ({ data, row: dim }));
    arenaSgemm(this.#arena, { transB: true }, size, n, dim, 1, H, V, 1, { data: scores, row: n });
    return scores.subarray(0, size * n);
  }

  /** Representation lessons: adds their gradients to those of item rows, and appends rows to those of users. */
  #align(
    lessons: readonly Lesson[],
    size: number,
  ): { readonly userRows: number; readonly losses: Readonly<Record<string, number>> } {
    const { dim } = this.#options;
    let userRows = size;
    let loss: number | undefined;
    for (const lesson of lessons) {
      if (lesson.kind !== 'representations') continue;
      const n = lesson.rows.length;
      const vectors = (this.#aligned = room(this.#aligned, n * dim));
      const gradient = (this.#dAligned = room(this.#dAligned, n * dim));
      (lesson.side === 'user' ? this.#users : this.#items).gather(lesson.rows, vectors);
      loss = (loss ?? 0) + align(lesson, dim, vectors, gradient);
      if (lesson.side === 'item') this.#addToItems(lesson.rows, gradient);
      else {
        this.#userRows = appended(this.#userRows, userRows, lesson.rows, n, rowRoom);
        this.#dUsers = appended(this.#dUsers, userRows * dim, gradient, n * dim, room);
        userRows += n;
      }
    }
    return { userRows, losses: loss === undefined ? {} : { alignment: loss } };
  }

  #addToItems(rows: Rows, gradient: Float32Array): void {
    const { dim } = this.#options;
    const { dE } = this.#objective;
    for (let i = 0, from = 0; i < rows.length; i++)
      for (let d = 0, to = this.#set.local(rows[i]) * dim; d < dim; d++) dE[to++] += gradient[from++];
  }
}

/** `array` with `count` numbers of `more` behind its first `length`. */
function appended<T extends Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  array: T,
  length: number,
  more: Float32Array | Int32Array,
  count: number,
  grow: (array: T, length: number) => T,
): T {
  const larger = grow(array, length + count);
  if (larger !== array) larger.set(array.subarray(0, length));
  larger.set(more.subarray(0, count), length);
  return larger;
}

function distillation(lessons: readonly Lesson[], loss: number): Readonly<Record<string, number>> {
  return lessons.some(({ kind }) => kind === 'predictions') ? { distillation: loss } : {};
}
