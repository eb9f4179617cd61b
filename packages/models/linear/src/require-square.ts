import { availableBytes, requireMemory } from '@tandem-rec/compute';

const MIB = 2 ** 20;
/** What WebAssembly addresses, less what a prediction needs beside the matrix. */
const ADDRESSED = 4032 * MIB;

/** Refuses EASE over so many items with `TANDEM_MEMORY_TOO_SMALL` where its matrices have no room. */
export function requireSquare(items: number): void {
  const gram = 2 * items * (items + 1);
  const inverse = 4 * items * items;
  const parts = `its Gram matrix (${mebibytes(gram)} MiB) and the inverse (${mebibytes(inverse)} MiB)`;
  requireMemory(`EASE over ${items.toLocaleString('en-US')} items, for ${parts},`, gram + inverse);
  requireMemory(
    `The inverse of EASE over ${items.toLocaleString('en-US')} items, in one piece that WebAssembly addresses,`,
    inverse,
    Math.min(ADDRESSED, availableBytes()),
  );
}

const mebibytes = (bytes: number): string => Math.ceil(bytes / MIB).toLocaleString('en-US');
