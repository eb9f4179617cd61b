import { describe, expect, it } from 'vitest';
import { logSoftmaxRows } from './log-softmax.ts';

describe('logSoftmaxRows', () => {
  it('makes each row sum to one, whatever its scale', () => {
    const into = new Float32Array(6);
    logSoftmaxRows(Float32Array.of(1000, 1001, 999, -5, -5, -Infinity), 2, 3, 2, into);
    for (const start of [0, 3]) {
      const sum = into.subarray(start, start + 3).reduce((total, value) => total + Math.exp(value), 0);
      expect(sum).toBeCloseTo(1, 5);
    }
    expect(into[1] - into[0]).toBeCloseTo(0.5, 4);
    expect(into[5]).toBe(-Infinity);
    expect(into[3]).toBeCloseTo(Math.log(0.5), 5);
  });

  it('leaves a row without candidates at minus infinity', () => {
    const into = new Float32Array(2);
    logSoftmaxRows(Float32Array.of(-Infinity, -Infinity), 1, 2, 1, into);
    expect([...into]).toEqual([-Infinity, -Infinity]);
  });
});
