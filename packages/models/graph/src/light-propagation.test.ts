import { Arena, SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';
import { bipartiteGraph } from './bipartite-graph.ts';
import { LightPropagation } from './light-propagation.ts';

describe('LightPropagation', () => {
  it.each([1, 2, 3, 4])('is the mean of E and %i layers of ÃE', (layers) => {
    const arena = new Arena();
    const rng = new SeededRng(5);
    const [users, items, dim] = [30, 40, 4];
    const lists = Array.from({ length: users }, () =>
      Array.from({ length: items }, (_, item) => item).filter(() => rng.next() < 0.2),
    );
    const offsets = Int32Array.from([0, ...lists.map((_, user) => lists.slice(0, user + 1).flat().length)]);
    const graph = bipartiteGraph(arena, offsets, Int32Array.from(lists.flat()), items);
    const { nodes } = graph;
    const [E, F] = [arena.float32(nodes * dim), arena.float32(nodes * dim)];
    for (let i = 0; i < E.length; i++) E[i] = rng.normal();
    new LightPropagation(arena, graph, dim, layers).forward(E, F);

    const degree = new Float64Array(nodes);
    const pairs = lists.flatMap((list, user) =>
      list.flatMap((item) => [[user, users + item] as const, [users + item, user] as const]),
    );
    for (const [to] of pairs) degree[to]++;
    let layer = Float64Array.from(E);
    const sum = layer.slice();
    for (let k = 0; k < layers; k++) {
      const next = new Float64Array(layer.length);
      for (const [to, from] of pairs)
        for (let d = 0; d < dim; d++)
          next[to * dim + d] += layer[from * dim + d] / Math.sqrt(degree[to] * degree[from]);
      layer = next;
      for (let i = 0; i < sum.length; i++) sum[i] += layer[i];
    }
    for (let i = 0; i < sum.length; i++) expect(F[i]).toBeCloseTo(sum[i] / (layers + 1), 4);
  });
});
