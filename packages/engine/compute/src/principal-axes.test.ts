import { describe, expect, it } from 'vitest';
import { coordinates, principalAxes } from './principal-axes.ts';

describe('principalAxes', () => {
  // Three points on a line through (1, 2) with the direction (3, 4) / 5, at −5, 0 and 5.
  const vectors = { rows: 3, cols: 2, data: Float32Array.of(-2, -2, 1, 2, 4, 6) };

  it('finds where vectors lie and how they differ', () => {
    const { mean, values, vectors: axes } = principalAxes(vectors);
    expect([...mean]).toEqual([1, 2]);
    expect([...values]).toEqual([expect.closeTo(50, 4), expect.closeTo(0, 4)]);
    expect([axes[0], axes[2]]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
    expect(principalAxes(vectors, 1 / 3).values[0]).toBeCloseTo(50 / 3, 4);
  });

  it('places vectors on axes', () => {
    const axes = Float32Array.of(0.6, 0.8);
    expect([...coordinates(vectors, Float32Array.of(1, 2), axes)]).toEqual(
      [-5, 0, 5].map((at) => expect.closeTo(at, 5)),
    );
    expect(coordinates(vectors, Float32Array.of(1, 2), new Float32Array(0))).toEqual(new Float32Array(0));
  });
});
