import type { RowOptimiser, TableRequest } from '@tandem-rec/contract';

/** Rows of users and items, and biases of items. */
export const factorTables = (
  { dim, initialStd }: { readonly dim: number; readonly initialStd: number },
  optimiser: RowOptimiser,
): readonly TableRequest[] => [
  { name: 'user', side: 'user', dim, initialStd, optimiser },
  { name: 'item', side: 'item', dim, initialStd, optimiser },
  { name: 'item-bias', side: 'item', dim: 1, initialStd: 0, optimiser },
];
