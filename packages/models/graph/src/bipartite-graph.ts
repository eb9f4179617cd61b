import type { Arena, Pattern, SparseRows } from '@tandem-rec/compute';
import { patternOf, transposed } from '@tandem-rec/compute';

/** Who met what, as a symmetric graph: nodes `0 … users - 1` are users, those behind them items. */
export interface BipartiteGraph {
  readonly users: number;
  readonly items: number;
  /** Nodes. */
  readonly nodes: number;
  /** Without repetitions. */
  readonly edges: number;
  /** Items of each user, each once. */
  readonly byUser: Pattern;
  /** Ã = D^−½ A D^−½ with A = (0 R; Rᵀ 0), square and symmetric (LightGCN, eq. 8); in the arena. */
  readonly adjacency: SparseRows;
  /** Neighbours of each node. */
  readonly degrees: Int32Array;
}

/** The graph of ragged lists of items, one list a user; repeated items count once. */
export function bipartiteGraph(arena: Arena, offsets: Int32Array, list: Int32Array, items: number): BipartiteGraph {
  const users = offsets.length - 1;
  const byUser = patternOf(offsets, list, items);
  const byItem = transposed(byUser);
  const edges = byUser.indices.length;
  const nodes = users + items;
  const starts = arena.int32(nodes + 1);
  const columns = arena.int32(2 * edges);
  const values = arena.float32(2 * edges);
  const degrees = new Int32Array(nodes);
  starts.set(byUser.offsets);
  for (let item = 0; item <= items; item++) starts[users + item] = edges + byItem.offsets[item];
  for (let node = 0; node < nodes; node++) degrees[node] = starts[node + 1] - starts[node];
  for (let e = 0; e < edges; e++) columns[e] = users + byUser.indices[e];
  columns.set(byItem.indices.subarray(0, edges), edges);
  for (let node = 0; node < nodes; node++)
    for (let e = starts[node]; e < starts[node + 1]; e++)
      values[e] = 1 / Math.sqrt(degrees[node] * degrees[columns[e]]);
  return { users, items, nodes, edges, byUser, adjacency: { offsets: starts, columns, values }, degrees };
}
