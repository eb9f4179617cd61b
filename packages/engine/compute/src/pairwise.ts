import type { Arena } from './arena.ts';
import { pairwiseBinary } from './binaries/pairwise.ts';

/** What pairs are drawn from. In one arena, unless the reference draws. */
export interface PairwiseData {
  /** Length: users + 1. */
  readonly offsets: Int32Array;
  /** What user u met is `items[offsets[u] … offsets[u + 1])`, ascending. */
  readonly items: Int32Array;
  /** The user of each event. */
  readonly users: Int32Array;
  readonly itemCount: number;
  /** Two words of a xorshift generator, not both zero: drawn from, and moved on. */
  readonly state: Int32Array;
}

/** Rows that learn, in place: `users × dim`, `items × dim`, and one bias an item. `dim`: a multiple of 4. */
export interface PairwiseRows {
  readonly dim: number;
  readonly w: Float32Array;
  readonly h: Float32Array;
  readonly bias: Float32Array;
}

/** Adagrad's sums of squares, one an element. */
export interface PairwiseSums {
  readonly w: Float32Array;
  readonly h: Float32Array;
  readonly bias: Float32Array;
}

export interface BayesianRanking {
  readonly samples: number;
  /** Whether a user is drawn, and then one of their events: everybody counts alike. Else events do. */
  readonly byUser: boolean;
  readonly rate: number;
  /** Of the biases. 0: they stay as they are. */
  readonly biasRate: number;
  readonly regularisation: number;
}

export interface Warp {
  /** Events to learn from, in this order. */
  readonly order: Int32Array;
  /** The weight of a step that the Nth draw found, N from 1: as many draws are made at most. */
  readonly weights: Float32Array;
  readonly rate: number;
  readonly regularisation: number;
}

/**
 * Steps of Bayesian personalised ranking (Rendle et al. 2009) by plain gradient descent in place, one thread; the user's
 * items are never drawn as negatives. Returns the mean of −ln σ(x_uij).
 */
export function rankPairs(arena: Arena, data: PairwiseData, rows: PairwiseRows, how: BayesianRanking): number {
  const events = check(data, rows);
  if (events === 0 || how.samples === 0) return 0;
  const { offsets, items, users, itemCount, state } = data;
  const { dim, w, h, bias } = rows;
  const { samples, byUser, rate, biasRate, regularisation } = how;
  const places = [offsets, items, users].map(at);
  const tables = [w, h, bias].map(at);
  const numbers = [rate, biasRate, regularisation, state.byteOffset];
  return (
    kernelOf(arena).bayesianRanking(
      ...[samples, dim, offsets.length - 1, itemCount],
      ...[...places, events, +byUser, ...tables, ...numbers],
    ) / samples
  );
}

/**
 * One pass of WARP (Weston, Bengio and Usunier 2011) with Adagrad in place, one thread: for each event unmet items are drawn
 * until one comes within 1 of it; the more draws that took, the less the step weighs. Returns the mean of the weighed
 * hinges.
 */
export function warpPairs(
  arena: Arena,
  data: PairwiseData,
  rows: PairwiseRows,
  sums: PairwiseSums,
  { order, weights, rate, regularisation }: Warp,
): number {
  if (check(data, rows) === 0 || order.length === 0) return 0;
  const { offsets, items, users, itemCount, state } = data;
  const { dim, w, h, bias } = rows;
  const places = [offsets, items, users, w, h, bias, sums.w, sums.h, sums.bias].map(at);
  const numbers = [weights.length, weights.byteOffset, rate, regularisation, state.byteOffset];
  const total = kernelOf(arena).warp(0, order.length, order.byteOffset, dim, itemCount, ...places, ...numbers);
  return total / order.length;
}

const at = ({ byteOffset }: Float32Array | Int32Array): number => byteOffset;

/** Throws RangeError where the generator cannot move or rows are not whole vectors; answers the number of events. */
export function check({ items, state }: PairwiseData, { dim }: PairwiseRows): number {
  if (dim % 4 !== 0) throw new RangeError(`Rows of width ${dim}; allowed: multiples of 4.`);
  if (state[0] === 0 && state[1] === 0) throw new RangeError('A xorshift generator does not move from zero.');
  return items.length;
}

interface PairwiseFunctions {
  readonly bayesianRanking: (...numbers: number[]) => number;
  readonly warp: (...numbers: number[]) => number;
}

const kernelOf = (arena: Arena): PairwiseFunctions => arena.open<PairwiseFunctions>(pairwiseBinary).call;
