import { describe, expect, it } from 'vitest';
import { Edges } from './edges.ts';

function met(...pairs: readonly (readonly [number, number])[]): Edges {
  const edges = new Edges();
  for (const [user, item] of pairs) edges.add(user, item);
  return edges;
}

describe('Edges', () => {
  it('lists the items of each user in the order of arrival', () => {
    const { offsets, items } = met([1, 3], [0, 2], [1, 0]).lists(3, 4);
    expect([...offsets]).toEqual([0, 1, 3, 3]);
    expect([...items]).toEqual([2, 3, 0]);
  });

  it('counts what is seen again, as in epochs, until it is listed, and lists it once', () => {
    const edges = met([1, 3], [0, 3], [1, 0], [1, 3], [0, 3], [1, 3]);
    expect(edges.size).toBe(6);
    const { offsets, items } = edges.lists(2, 4);
    expect([...offsets]).toEqual([0, 1, 3]);
    expect([...items]).toEqual([3, 3, 0]);
    expect(edges.size).toBe(3);
    edges.add(0, 1);
    expect([...edges.lists(2, 4).items]).toEqual([3, 1, 3, 0]);
  });

  it('holds the same after save and load', () => {
    const [edges, other] = [met([1, 3], [0, 2]), new Edges()];
    other.load({ version: 1, arrays: edges.save(), values: {} });
    expect(other.lists(2, 4)).toEqual(edges.lists(2, 4));
  });
});
