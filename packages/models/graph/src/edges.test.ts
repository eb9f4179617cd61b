import { describe, expect, it } from 'vitest';
import { Edges } from './edges.ts';

function met(...pairs: readonly (readonly [number, number])[]): Edges {
  const edges = new Edges();
  for (const [user, item] of pairs) edges.add(user, item);
  return edges;
}

describe('Edges', () => {
  it('lists the items of each user in the order of arrival', () => {
    const { offsets, items } = met([1, 3], [0, 2], [1, 0]).lists(3);
    expect([...offsets]).toEqual([0, 1, 3, 3]);
    expect([...items]).toEqual([2, 3, 0]);
  });

  it('holds the same after save and load', () => {
    const [edges, other] = [met([1, 3], [0, 2]), new Edges()];
    other.load({ version: 1, arrays: edges.save(), values: {} });
    expect(other.lists(2)).toEqual(edges.lists(2));
  });
});
