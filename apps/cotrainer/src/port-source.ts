import type { InteractionSource, PollResult, Positions } from '@tandem-rec/contract';
import type { Rpc } from './rpc.ts';

/** What the main thread, which holds the client, offers the training worker. */
export type SourceHandlers = {
  readonly sourceOpen: (positions: Positions) => Promise<Positions>;
  readonly sourcePoll: (max: number, timeoutMs: number) => Promise<PollResult>;
  readonly sourceCommit: (positions: Positions) => Promise<void>;
  readonly sourceLag: () => Promise<{ readonly records: number } | undefined>;
};

/** The worker's end: a source that is elsewhere. `tellsLag`: it has a `lag`. */
export function portSource(rpc: Rpc<SourceHandlers>, tellsLag: boolean): InteractionSource {
  return {
    open: async (positions, signal) => {
      signal?.throwIfAborted();
      const answer = rpc.call('sourceOpen', positions);
      if (!signal) return answer;
      // A signal does not cross threads: the other end hears of the stop by itself.
      return new Promise<Positions>((resolve, reject) => {
        const abort = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', abort, { once: true });
        answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
      });
    },
    poll: (max, timeoutMs, signal) => {
      if (signal?.aborted) return Promise.resolve({ records: [], ended: false });
      const answer = rpc.call('sourcePoll', max, timeoutMs);
      if (!signal) return answer;
      // After an abort the records of the call still under way are not needed: the run is ending.
      return new Promise<PollResult>((resolve, reject) => {
        const abort = (): void => resolve({ records: [], ended: false });
        signal.addEventListener('abort', abort, { once: true });
        answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
      });
    },
    commit: (positions) => rpc.call('sourceCommit', positions),
    ...(tellsLag && { lag: () => rpc.call('sourceLag') }),
    close: async () => {},
  };
}

/**
 * The main thread's end: reads one poll ahead, so that the worker seldom waits for the broker. What was read ahead may be
 * more than the next call asks for: the worker buffers it.
 *
 * @param signal ends reading: the worker is gone
 * @param stop ends waiting for a source that is away at the start: the run is to end
 */
export function sourceHandlers(source: InteractionSource, signal: AbortSignal, stop: AbortSignal): SourceHandlers {
  let ahead: Promise<PollResult> | undefined;
  const poll = (max: number, timeoutMs: number): Promise<PollResult> => {
    const next = source.poll(max, timeoutMs, signal);
    // It is awaited by the next call: until then a failure is not unhandled.
    next.catch(() => {});
    return next;
  };
  return {
    sourceOpen: (positions) => source.open(positions, AbortSignal.any([signal, stop])),
    sourcePoll: async (max, timeoutMs) => {
      const result = await (ahead ?? poll(max, timeoutMs));
      ahead = undefined;
      if (result.records.length > 0 && !result.ended && !signal.aborted) ahead = poll(max, timeoutMs);
      return result;
    },
    sourceCommit: async (positions) => source.commit?.(positions),
    sourceLag: async () => source.lag?.(),
  };
}
