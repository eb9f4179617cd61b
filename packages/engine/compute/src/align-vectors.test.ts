import type { RepresentationLesson } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { alignVectors } from './align-vectors.ts';
import { SeededRng } from './seeded-rng.ts';

const DIM = 3;
const rng = new SeededRng(5);
const random = () => Float32Array.from({ length: 4 * DIM }, () => rng.normal());
const lesson = (loss: RepresentationLesson['loss'], data: Float32Array, cols = DIM): RepresentationLesson => ({
  kind: 'representations',
  from: 'teacher',
  to: 'fism',
  side: 'item',
  rows: Int32Array.of(0, 1, 2, 3),
  target: { rows: 4, cols, data },
  loss,
  temperature: 0.5,
  weight: 0.7,
});

describe.each(['mse', 'cosine', 'info-nce'] as const)('%s', (loss) => {
  it('has the gradient of its value', () => {
    const taught = lesson(loss, random());
    const vectors = random();
    const gradient = new Float32Array(vectors.length);
    alignVectors(taught, DIM, vectors, gradient);
    const analytic = gradient.slice();
    for (let i = 0; i < vectors.length; i++) {
      const value = vectors[i];
      vectors[i] = value + 2e-3;
      const up = alignVectors(taught, DIM, vectors, gradient);
      vectors[i] = value - 2e-3;
      const down = alignVectors(taught, DIM, vectors, gradient);
      vectors[i] = value;
      expect(analytic[i]).toBeCloseTo((up - down) / 4e-3, 3);
    }
  });

  it('is least where the vectors agree', () => {
    const target = random();
    const gradient = new Float32Array(target.length);
    expect(alignVectors(lesson(loss, target), DIM, target.slice(), gradient)).toBeLessThan(
      alignVectors(lesson(loss, target), DIM, random(), gradient),
    );
  });
});

it('a vector of zeros has no direction and stays', () => {
  const gradient = new Float32Array(4 * DIM).fill(1);
  expect(alignVectors(lesson('cosine', random()), DIM, new Float32Array(4 * DIM), gradient)).toBeCloseTo(0.7);
  expect([...gradient].every((value) => value === 0)).toBe(true);
});

it('refuses vectors of another width, naming both', () => {
  expect(() => alignVectors(lesson('mse', new Float32Array(20), 5), DIM, random(), random())).toThrow(
    /5 wide; allowed: 3/,
  );
});
