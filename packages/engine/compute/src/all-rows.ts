import type { Rows } from '@tandem-rec/contract';

/** Rows 0 … count − 1. */
export const allRows = (count: number): Rows => Int32Array.from({ length: count }, (_, row) => row);
