import { SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';
import { RowAdam } from './row-adam.ts';

const OPTIONS = { learningRate: 0.01, beta1: 0.9, beta2: 0.98, weightDecay: 0.1 };
const ROWS = 6;
const DIM = 3;

/** AdamW over all rows, as torch has it. */
function denseReference(E: Float64Array) {
  const [m, v] = [new Float64Array(E.length), new Float64Array(E.length)];
  let t = 0;
  return (g: Float64Array): void => {
    t++;
    for (let i = 0; i < E.length; i++) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.98 * v[i] + 0.02 * g[i] ** 2;
      E[i] -= 0.01 * 0.1 * E[i];
      E[i] -= (0.01 * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.98 ** t)) + 1e-8);
    }
  };
}

function run(steps: number, touched: (step: number, rng: SeededRng) => Int32Array): number {
  const rng = new SeededRng(1);
  const E = Float32Array.from({ length: ROWS * DIM }, () => rng.normal());
  const dense = Float64Array.from(E);
  const step = denseReference(dense);
  const adam = new RowAdam(ROWS, DIM, OPTIONS);
  for (let t = 0; t < steps; t++) {
    const rows = touched(t, rng);
    const gradients = Float32Array.from({ length: rows.length * DIM }, () => rng.normal());
    const whole = new Float64Array(ROWS * DIM);
    for (const [i, row] of rows.entries())
      for (let d = 0; d < DIM; d++) if (row >= 0) whole[row * DIM + d] += gradients[i * DIM + d];
    adam.catchUp(E, rows, 1);
    adam.step(E, rows, gradients, 1);
    step(whole);
  }
  adam.catchUp(E, Int32Array.of(0, 1, 2, 3, 4, 5), 1);
  return E.reduce((worst, value, i) => Math.max(worst, Math.abs(value - dense[i])), 0);
}

describe('RowAdam is dense AdamW', () => {
  it('where every row is touched, duplicates adding up and padding ignored', () => {
    expect(run(60, () => Int32Array.of(0, 1, 2, 3, 3, -1, 4, 5))).toBeLessThan(1e-5);
  });

  it('nearly, where rows are touched now and then', () => {
    // Rows have moved by 0.2 and more; what is left is the bias correction of the first idle steps.
    expect(
      run(400, (t, rng) => (t < 150 ? Int32Array.of(0, 1, 2, 3, 4, 5) : Int32Array.of(rng.int(ROWS)))),
    ).toBeLessThan(0.01);
  });

  it('touches no other row', () => {
    const E = new Float32Array(ROWS * DIM).fill(1);
    const adam = new RowAdam(ROWS, DIM, OPTIONS);
    adam.step(E, Int32Array.of(2), Float32Array.of(1, 1, 1), 1);
    expect([...E].map((value) => value === 1)).toEqual([...E].map((_, i) => Math.floor(i / DIM) !== 2));
  });
});
