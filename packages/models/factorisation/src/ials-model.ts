import { Arena } from '@tandem-rec/compute';
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
  Rows,
  Scores,
  Side,
  State,
  Statistics,
  Step,
  UserContexts,
} from '@tandem-rec/contract';
import { DotScores } from './dot-scores.ts';
import { GramSnapshot } from './gram-snapshot.ts';
import { fitIals } from './ials-batch.ts';
import { IalsObjective } from './ials-objective.ts';
import type { IalsOptions } from './ials.ts';
import { Meetings, type Lists } from './meetings.ts';
import { narrowed, readPadded } from './padded.ts';
import { rankForUnknown } from './unknown-users.ts';

/** Steps of conjugate gradients for a row that is solved for from nothing. */
const FOLD_IN_STEPS = 16;

/**
 * The participant behind `ials`; the maths is in `IalsObjective`. `fit` alternates over the whole data. `learn` solves again
 * for the users of a batch from all they met, and then for its items: the fold-in of section 2 of Rendle et al., on both
 * sides, against Gram matrices that are summed anew as the tables change.
 */
export class IalsModel implements DomainModel {
  readonly #options: IalsOptions;
  readonly #objective: IalsObjective;
  readonly #threads: number;
  readonly #arena: Arena;
  readonly #meetings = new Meetings();
  readonly #grams: { readonly user: GramSnapshot; readonly item: GramSnapshot };
  readonly #scores = new DotScores();
  #tables!: { readonly user: GrantedTable; readonly item: GrantedTable };
  #statistics!: Statistics;

  constructor(options: IalsOptions, { threads }: Pick<Environment, 'threads'>) {
    this.#options = options;
    this.#objective = new IalsObjective(options);
    this.#threads = threads;
    this.#arena = new Arena({ threads });
    this.#grams = {
      user: new GramSnapshot('user', this.#objective),
      item: new GramSnapshot('item', this.#objective),
    };
  }

  attach({ own, statistics }: Attachment): void {
    this.#tables = { user: own['user'], item: own['item'] };
    this.#statistics = statistics;
  }

  async fit(data: Interactions, run: FitRun): Promise<void> {
    const { user, item } = this.#tables;
    this.#meetings.replace(data.timelines);
    const onGrams = (users: Float32Array, items: Float32Array): void => {
      this.#grams.user.set(users, user.rows);
      this.#grams.item.set(items, item.rows);
    };
    const { timelines } = data;
    const tables = { userTable: user, itemTable: item };
    await fitIals({ objective: this.#objective, timelines, ...tables, threads: this.#threads, onGrams }, run);
  }

  async learn(batch: Batch, _lessons: readonly Lesson[], { dryRun = false }: LearnOptions = {}): Promise<Step> {
    const losses = { squared: this.#loss(batch) };
    if (dryRun) return { losses, rowGradients: [] };
    for (let b = 0; b < batch.fresh; b++) this.#meetings.add(batch.users[b], batch.items[b]);
    for (const [side, other] of [
      ['user', 'item'],
      ['item', 'user'],
    ] as const) {
      this.#grams[other].refresh(this.#arena, this.#tables[other]);
      const rows = Int32Array.from(new Set((side === 'user' ? batch.users : batch.items).subarray(0, batch.size)));
      this.#tables[side].assign(rows, this.#solved(side, rows, this.#meetings.of(side, rows), this.#options.steps));
      this.#grams[side].changed(rows.length);
    }
    this.#grams.item.refresh(this.#arena, this.#tables.item);
    return { losses, rowGradients: [] };
  }

  async predict(users: UserContexts, candidates: Candidates): Promise<Scores> {
    const { dim, sharpness } = this.#options;
    const W = this.#users(users);
    const scores = this.#scores.score(W, users.size, candidates, this.#tables.item, { scale: sharpness });
    rankForUnknown(W, dim, users.size, candidates, this.#statistics, scores);
    return scores;
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    const data = new Float32Array(rows.length * this.#options.dim);
    this.#tables[side].gather(rows, data);
    return { rows: rows.length, cols: this.#options.dim, data };
  }

  save(): State {
    const arrays = [...this.#meetings.save(), ...this.#grams.user.save(), ...this.#grams.item.save()];
    return { version: 1, arrays, values: {} };
  }

  load(state: State): void {
    this.#meetings.load(state);
    this.#grams.user.load(state);
    this.#grams.item.load(state);
  }

  close(): void {
    this.#arena.close();
  }

  /** Rows of users: those of whom it never met, and all if so configured, are solved for from the history. */
  #users({ size, users, history }: UserContexts): Float32Array {
    const { dim, foldIn } = this.#options;
    const asked = users.subarray(0, size);
    const W = new Float32Array(size * dim);
    this.#tables.user.gather(asked, W);
    const folded = Int32Array.from(asked.keys()).filter(
      (b) => (foldIn || asked[b] < 0) && history.offsets[b + 1] > history.offsets[b],
    );
    if (folded.length === 0) return W;
    const offsets = new Int32Array(folded.length + 1);
    folded.forEach((b, k) => (offsets[k + 1] = offsets[k] + history.offsets[b + 1] - history.offsets[b]));
    const items = new Int32Array(offsets[folded.length]);
    folded.forEach((b, k) => items.set(history.items.subarray(history.offsets[b], history.offsets[b + 1]), offsets[k]));
    const rows = folded.map((b) => asked[b]);
    const solved = this.#solved('user', rows, { offsets, items }, FOLD_IN_STEPS);
    folded.forEach((b, k) => W.set(solved.subarray(k * dim, (k + 1) * dim), b * dim));
    return W;
  }

  /** Solutions for rows that met these, `rows × dim`. */
  #solved(side: Side, rows: Rows, { offsets, items }: Lists, steps: number): Float32Array {
    const arena = this.#arena;
    const { width } = this.#objective;
    const otherSide = side === 'user' ? 'item' : 'user';
    const table = this.#tables[otherSide];
    const snapshot = this.#grams[otherSide];
    const distinct = Int32Array.from(new Set(items));
    const slots = new Map(Array.from(distinct, (item, slot) => [item, slot]));
    return arena.scoped(() => {
      const pass = {
        offsets: arena.int32(offsets.length),
        items: arena.int32(items.length),
        other: arena.float32(distinct.length * width),
        gram: arena.float32(width * width),
        rows: arena.float32(rows.length * width),
      };
      pass.offsets.set(offsets);
      pass.items.set(items.map((item) => slots.get(item)!));
      pass.gram.set(snapshot.values);
      readPadded(table, distinct, pass.other);
      readPadded(this.#tables[side], rows, pass.rows);
      this.#objective.solve(arena, { ...pass, others: table.rows, solver: this.#objective.solver(steps) });
      return narrowed(pass.rows, rows.length, this.#options.dim).slice();
    });
  }

  /** Mean of (1 − ⟨w_u, h_i⟩)² over the batch. */
  #loss({ size, users, items }: Batch): number {
    const { dim } = this.#options;
    const [W, H] = [new Float32Array(size * dim), new Float32Array(size * dim)];
    this.#tables.user.gather(users.subarray(0, size), W);
    this.#tables.item.gather(items.subarray(0, size), H);
    let loss = 0;
    for (let b = 0; b < size; b++) {
      let x = 0;
      for (let d = b * dim; d < (b + 1) * dim; d++) x += W[d] * H[d];
      loss += (1 - x) ** 2;
    }
    return loss / Math.max(1, size);
  }
}
