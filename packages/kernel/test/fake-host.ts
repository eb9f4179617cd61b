import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, Rng } from '@tandem-rec/contract';
import type { Host } from '../src/start/host.ts';

/** A host with real timers whose log and random streams remember who asked for them. */
export function fakeHost(signal: AbortSignal = new AbortController().signal): Host & { readonly errors: string[] } {
  const errors: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message) => void errors.push(message),
  };
  return {
    errors,
    rng: (name) => ({ name, next: () => 0.5 }) as unknown as Rng,
    log: () => log,
    clock: {
      nowMs: () => 0,
      monotonicMs: () => performance.now(),
      sleep: (ms, abort) => sleep(ms, undefined, abort === undefined ? {} : { signal: abort }),
    },
    cacheFolder: '/cache',
    signal,
  };
}
