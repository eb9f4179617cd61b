import type { Clock, Logger } from '@tandem-rec/contract';
import { isBusy } from './log-file.ts';

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * Does something with the file, and does it again with back-off, saying so, while another process is in the way.
 * Any other error, and the signal's reason, is thrown.
 */
export async function whenFree<T>(
  act: () => T,
  { log, clock }: { readonly log: Logger; readonly clock: Clock },
  path: string,
  signal?: AbortSignal,
): Promise<T> {
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_MS)) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error)) throw error;
      log.warn('Another process keeps the event log busy; waiting.', { path, waitMs });
      await clock.sleep(waitMs, signal);
    }
  }
}
