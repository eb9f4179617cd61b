import { TandemError } from '@tandem-rec/contract';

/** Functions of `kernels/cholesky.ts`. */
export interface CholeskyKernel {
  readonly scratchBytes: (n: number) => number;
  readonly solveMany: (scratch: number, a: number, n: number, b: number, count: number, failed: number) => void;
  readonly factorBlock: (scratch: number, a: number, row: number, n: number, starts: number) => number;
  readonly invertBlock: (scratch: number, l: number, row: number, n: number, x: number, rowX: number) => void;
}

/** The error about the row whose pivot was not positive. */
export function notPositive(row: number, n: number, what = 'the matrix'): TandemError {
  return new TandemError(
    'TANDEM_NOT_POSITIVE_DEFINITE',
    `Cholesky's factorisation of ${what} has no positive pivot in row ${row} of ${n}.`,
    { details: { row, order: n } },
  );
}
