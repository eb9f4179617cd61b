import type {
  Attachment,
  Batch,
  Candidates,
  DomainModel,
  Environment,
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
import { alignVectors, Adam, Arena, arenaSgemm, DecayedCounts, isWhole, restore, sgemm } from '@tandem-rec/compute';
import { FismInputs, type FismTables, type ReadItems } from './fism-inputs.ts';
import { FismObjective } from './fism-objective.ts';
import type { FismOptions } from './fism.ts';
import { FismParameters } from './parameters.ts';
import { arenaRoom, room, rowRoom } from './scratch.ts';
import { UserTower } from './user-tower.ts';
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
  readonly #inputs: FismInputs;
  #tables!: FismTables;
  #statistics!: Statistics;

  // Scratch of a step or a prediction.
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
    this.#inputs = new FismInputs(this.#arena, options, this.#popularity);
  }

  attach({ own, statistics }: Attachment): void {
    this.#tables = { item: own['item'], itemBias: own['item-bias'], user: own['user'] };
    this.#inputs.attach(this.#tables);
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
    const { item, itemBias, user } = this.#tables;

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
        { table: item.name, rows: set.rows, values: this.#objective.dE.subarray(0, set.size * dim) },
        { table: itemBias.name, rows: set.rows, values: this.#objective.dBias.subarray(0, set.size) },
        {
          table: user.name,
          rows: this.#userRows.subarray(0, alignment.userRows),
          values: this.#dUsers.subarray(0, alignment.userRows * dim),
        },
      ],
    };
  }

  async predict(users: UserContexts, items: Candidates): Promise<Scores> {
    const { size } = users;
    const { dim } = this.#options;
    const P = this.#inputs.readUsers(users.users, size);
    const n = items.items.length;
    if (isWhole(items, this.#tables.item.rows)) {
      const read = this.#inputs.readItems(items.items, true);
      const h = this.#tower.forward(size, P, this.#inputs.histories(users), read.E);
      return this.#scoreShared(h, size, read);
    }
    const { histories, E: met } = this.#inputs.historiesAside(users);
    const h = this.#tower.forward(size, P, histories, met);
    if (items.kind === 'shared') return this.#scoreShared(h, size, this.#inputs.readItems(items.items, false));
    const scores = (this.#scores = room(this.#scores, n));
    for (let b = 0; b < size; b++) {
      const start = items.offsets[b];
      const end = items.offsets[b + 1];
      const { E, bias, logPopularity } = this.#inputs.readItems(items.items.subarray(start, end), false);
      const row = scores.subarray(start, end);
      for (let i = 0; i < row.length; i++) row[i] = bias[i] + this.#parameters.gamma[0] * logPopularity[i];
      sgemm({ transB: true }, 1, end - start, dim, 1, h.subarray(b * dim, (b + 1) * dim), E, 1, row);
    }
    return scores.subarray(0, n);
  }

  /** The rows of users or items: what lasts. A user's state of the moment needs a history, and is what `predict` uses. */
  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const { dim } = this.#options;
    const data = new Float32Array(rows.length * dim);
    this.#tables[side].gather(rows, data);
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
    const { rows } = this.#tables.item;
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
    return {
      ...{ batch, set, ...this.#inputs.readItems(set.rows, set.whole) },
      P: this.#inputs.readUsers(batch.users, batch.size),
      histories: this.#inputs.histories(batch, set),
      maskHistory: this.#options.maskHistory,
    };
  }

  #scoreShared(h: Float32Array, size: number, { rows: n, E, bias, logPopularity }: ReadItems): Scores {
    const { dim } = this.#options;
    const scores = (this.#shared = arenaRoom(this.#arena, this.#shared, size * n));
    const gamma = this.#parameters.gamma[0];
    for (let i = 0; i < n; i++) scores[i] = bias[i] + gamma * logPopularity[i];
    for (let b = 1; b < size; b++) scores.copyWithin(b * n, 0, n);
    const [H, V] = [h, E].map((data) => ({ data, row: dim }));
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
      this.#tables[lesson.side].gather(lesson.rows, vectors);
      loss = (loss ?? 0) + alignVectors(lesson, dim, vectors, gradient);
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
