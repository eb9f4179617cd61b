import { TandemError } from '@tandem-rec/contract';

/** Bytes that this process may still take: what is free on the machine, or within the limit of its container. */
export const availableBytes = (): number => process.availableMemory();

/**
 * Refuses work that the machine has not the memory for, before it is begun.
 * @param what needs it, as a sentence begins: `EASE over 50,000 items`
 * @throws TandemError `TANDEM_MEMORY_TOO_SMALL`
 */
export function requireMemory(what: string, bytes: number, limit = availableBytes()): void {
  if (bytes <= limit) return;
  throw new TandemError(
    'TANDEM_MEMORY_TOO_SMALL',
    `${what} needs ${mebibytes(bytes)} MiB of memory; ${mebibytes(limit)} MiB are free.`,
    { details: { neededBytes: bytes, freeBytes: limit } },
  );
}

const mebibytes = (bytes: number): string => Math.ceil(bytes / 2 ** 20).toLocaleString('en-US');
