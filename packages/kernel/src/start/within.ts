import type { Clock } from '@tandem-rec/contract';

/** Thrown by `within` when the time is up. */
export class TimeIsUp extends Error {}

/** Thrown by `within` when the process stops. */
export class Interrupted extends Error {
  constructor(options?: ErrorOptions) {
    super('the process stops', options);
  }
}

/**
 * The outcome of some work, or `TimeIsUp` after `ms` of the host's clock, or `Interrupted` when the signal aborts. The
 * work itself goes on: it must be told by other means.
 */
export async function within<T>(ms: number, clock: Clock, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  const done = new AbortController();
  const limit = clock.sleep(ms, signal === undefined ? done.signal : AbortSignal.any([done.signal, signal])).then(
    () => {
      throw new TimeIsUp();
    },
    (cause: unknown) => {
      if (signal?.aborted) throw new Interrupted({ cause });
      // The work was faster: the race is decided already.
      return new Promise<never>(() => undefined);
    },
  );
  try {
    return await Promise.race([work, limit]);
  } finally {
    done.abort();
  }
}
