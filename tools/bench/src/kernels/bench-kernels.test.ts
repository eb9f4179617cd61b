import { describe, expect, it } from 'vitest';
import { benchKernels, kernelText } from './bench-kernels.ts';

describe('bench kernels', () => {
  it('times every kernel beside its definition', async () => {
    const noted: string[] = [];
    const report = await benchKernels({ scale: 0.002, ms: 1, note: (line) => noted.push(line) });
    expect(report.rows.map(({ name }) => name)).toEqual([
      'matrix product',
      'matrix product',
      'Cholesky',
      'Cholesky, solved',
      'sparse × dense',
      'exact top 20',
      'rows by sgd',
      'rows by adagrad',
      'rows by adam',
    ]);
    for (const { kernel, plain, times, unit } of report.rows) {
      expect(kernel).toBeGreaterThan(0);
      expect(kernel).toBeLessThan(Infinity);
      expect(times).toBeCloseTo(unit === 'ns/row' ? plain / kernel : kernel / plain, 6);
    }
    expect(noted).toHaveLength(report.rows.length);
    expect(kernelText(report)).toMatch(/^rows by adam +8 of 80, 64 wide +ns\/row/m);
  });
});
