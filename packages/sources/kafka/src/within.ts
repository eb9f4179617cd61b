import type { Clock } from '@tandem-rec/contract';

/** Waits for `event`, or `timeoutMs`, or the signal; never rejects, and leaves no timer behind. */
export async function within(
  event: Promise<unknown>,
  timeoutMs: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const cancelled = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  await Promise.race([event, clock.sleep(timeoutMs, cancelled)]).catch(() => {});
  over.abort();
}
