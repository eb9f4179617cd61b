import type { Arena } from './arena.ts';
import { pairStepsBinary } from './binaries/pair-steps.ts';
import { arenaSgemm } from './sgemm.ts';

/** Rows of a table, copied next to each other, with room for the gradients with respect to them; all in one arena. */
export interface GatheredRows {
  readonly rows: Int32Array;
  /** `rows.length × dim`. */
  readonly values: Float32Array;
  /** `rows.length × dim`. */
  readonly gradients: Float32Array;
  /** 1/‖row‖ where rows are scaled to length one, else 1. */
  readonly inverses: Float32Array;
  readonly dim: number;
}

/** Room for `count` rows. */
export const gatheredRows = (arena: Arena, count: number, dim: number): GatheredRows => ({
  rows: arena.int32(count),
  values: arena.float32(count * dim),
  gradients: arena.float32(count * dim),
  inverses: arena.float32(count),
  dim,
});

interface PairFunctions {
  readonly gatherRows: (...numbers: number[]) => void;
  readonly scatterRows: (...numbers: number[]) => void;
  readonly sampledSoftmax: (...numbers: number[]) => void;
  readonly bprPairs: (...numbers: number[]) => void;
  readonly adam: (...numbers: number[]) => void;
}

/** Pairs that one thread takes at a time, and floats of a parameter vector. */
const BLOCK_PAIRS = 128;
const BLOCK_FLOATS = 1 << 16;

/** Reads the first `count` named rows of `table`; `unit`: scaled to length one. */
export function gatherRows(arena: Arena, table: Float32Array, into: GatheredRows, count: number, unit: boolean): void {
  const { rows, values, inverses, dim } = into;
  open(arena).parallel('gatherRows', count, { block: BLOCK_PAIRS }, (from, to) => [
    ...[from, to, rows.byteOffset, table.byteOffset, dim, +unit, values.byteOffset, inverses.byteOffset],
  ]);
}

/** Adds the gradients of the first `count` rows, back through the scaling, to the table of gradients. */
export function scatterRows(arena: Arena, from: GatheredRows, count: number, unit: boolean, into: Float32Array): void {
  const { rows, values, gradients, inverses, dim } = from;
  const addresses = [rows, values, gradients, inverses].map(({ byteOffset }) => byteOffset);
  open(arena).call.scatterRows(count, ...addresses, dim, +unit, into.byteOffset);
}

/** A block of pairs and the negatives that all of them share. */
export interface SharedNegatives {
  readonly users: GatheredRows;
  readonly items: GatheredRows;
  readonly negatives: GatheredRows;
  /** How many of the negatives count, a multiple of four. */
  readonly count: number;
  /** Added to each negative's logit: −log of how often it is expected in the sample. */
  readonly shifts: Float32Array;
  /** Dot products users · negatives of pairs `from … to - 1`; becomes the gradient with respect to them. */
  readonly scores: Float32Array;
  /** 1 / temperature. */
  readonly factor: number;
  /** Of a pair's loss in the gradients. */
  readonly weight: number;
  /** One a pair. */
  readonly losses: Float32Array;
}

/**
 * Sampled softmax for pairs `from … to - 1`: −log(e^x / (e^x + Σ_j e^(factor · s_j + shift_j))), x = factor · ⟨u, p⟩; a
 * negative that is the pair's own item does not compete. Overwrites the gradients of items, and of users by the part
 * that comes through their item; the part through the negatives is `scores · negatives`.
 */
export function sampledSoftmax(arena: Arena, pairs: SharedNegatives, from: number, to: number): void {
  const { users, items, negatives, count, shifts, scores, factor, weight, losses } = pairs;
  const before = [users.values.byteOffset, items.values.byteOffset, users.dim];
  const about = [items.rows.byteOffset, negatives.rows.byteOffset, shifts.byteOffset, count, factor, weight];
  const after = [scores, users.gradients, items.gradients, losses].map(({ byteOffset }) => byteOffset);
  open(arena).parallel('sampledSoftmax', to - from, { block: BLOCK_PAIRS }, (start, end) => [
    ...[from + start, from + end, from, ...before, ...about, ...after],
  ]);
}

/** Pairs whose scores are held at a time: 512 × 1024 floats stay in the second and third level of the cache. */
const BLOCK_SCORES = 512;

/**
 * Sampled softmax for the first `count` pairs against all negatives, a multiple of four, as in `sampledSoftmax`; overwrites
 * the gradients of users, items and negatives.
 */
export function softmaxPairs(arena: Arena, pairs: Omit<SharedNegatives, 'count' | 'scores'>, count: number): void {
  const { users, items, negatives } = pairs;
  const { dim } = users;
  const drawn = negatives.rows.length;
  arena.scoped(() => {
    const scores = arena.float32(Math.min(BLOCK_SCORES, count) * drawn);
    const [S, N, dN] = [
      { data: scores, row: drawn },
      { data: negatives.values, row: dim },
      { data: negatives.gradients, row: dim },
    ];
    for (let from = 0; from < count; from += BLOCK_SCORES) {
      const size = Math.min(BLOCK_SCORES, count - from);
      const [U, dU] = [users.values, users.gradients].map((data) => ({ data, row: dim, at: from * dim }));
      arenaSgemm(arena, { transB: true }, size, drawn, dim, 1, U, N, 0, S);
      sampledSoftmax(arena, { ...pairs, items, count: drawn, scores }, from, from + size);
      arenaSgemm(arena, {}, size, dim, drawn, 1, S, N, 1, dU);
      arenaSgemm(arena, { transA: true }, drawn, dim, size, 1, S, U, from === 0 ? 0 : 1, dN);
    }
  });
}

/** A negative of its own for each pair. */
export interface OwnNegatives extends Pick<
  SharedNegatives,
  'users' | 'items' | 'negatives' | 'factor' | 'weight' | 'losses'
> {}

/** BPR for the first `count` pairs: −ln σ(factor · ⟨u, p − n⟩); overwrites the gradients of users, items and negatives. */
export function bprPairs(arena: Arena, pairs: OwnNegatives, count: number): void {
  const { users, items, negatives, factor, weight, losses } = pairs;
  const values = [users, items, negatives].map((rows) => rows.values.byteOffset);
  const gradients = [users, items, negatives].map((rows) => rows.gradients.byteOffset);
  open(arena).parallel('bprPairs', count, { block: BLOCK_PAIRS }, (from, to) => [
    ...[from, to, ...values, users.dim, factor, weight, ...gradients, losses.byteOffset],
  ]);
}

/** Parameters in an arena that follow their gradients by Adam with decoupled weight decay. */
export class ArenaAdam {
  readonly #arena: Arena;
  readonly #mean: Float32Array;
  readonly #variance: Float32Array;
  readonly #values: Float32Array;
  #steps = 0;

  /** @param values moved in place; their number is a multiple of four */
  constructor(arena: Arena, values: Float32Array) {
    this.#arena = arena;
    this.#values = values;
    this.#mean = arena.float32(values.length);
    this.#variance = arena.float32(values.length);
  }

  /** One step (Kingma and Ba 2015, algorithm 1); `decay` · `learningRate` is taken from every value first. */
  step(gradient: Float32Array, learningRate: number, decay = 0, beta1 = 0.9, beta2 = 0.999): void {
    const numbers = this.#next(gradient, learningRate, decay, beta1, beta2);
    open(this.#arena).parallel('adam', this.#values.length, { block: BLOCK_FLOATS }, (from, to) => [
      from,
      to,
      ...numbers,
    ]);
  }

  /**
   * One step of some rows, `dim` wide, each named once; the moments of the others wait (lazy Adam). `gradient` is laid out
   * as the values are.
   */
  stepRows(
    rows: Int32Array,
    dim: number,
    gradient: Float32Array,
    learningRate: number,
    decay = 0,
    beta1 = 0.9,
    beta2 = 0.999,
  ): void {
    const [x, g, m, v, ...numbers] = this.#next(gradient, learningRate, decay, beta1, beta2);
    const { adam } = open(this.#arena).call;
    const [b1, b2, rate, root, fade] = numbers;
    for (const row of rows) adam(0, row * dim, (row + 1) * dim, x, g, m, v, b1, b2, rate, root, fade);
  }

  /** What the kernel is told of a step, behind the floats that are meant. */
  #next(gradient: Float32Array, learningRate: number, decay: number, beta1: number, beta2: number): readonly number[] {
    const t = ++this.#steps;
    const addresses = [this.#values, gradient, this.#mean, this.#variance].map(({ byteOffset }) => byteOffset);
    const rate = learningRate / (1 - beta1 ** t);
    const root = 1 / Math.sqrt(1 - beta2 ** t);
    return [...addresses, beta1, beta2, rate, root, decay * learningRate];
  }
}

const open = (arena: Arena) => arena.open<PairFunctions>(pairStepsBinary);
