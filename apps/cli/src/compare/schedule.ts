import { setTimeout as sleep } from 'node:timers/promises';
import type { RunProgress } from './run-messages.ts';
import { durationText } from './report/duration-text.ts';

/** Work of a schedule. */
export interface Job<T> {
  readonly title: string;
  /** Jobs of one sort take about as long as each other. */
  readonly sort: string;
  readonly run: (onProgress: (progress: RunProgress) => void, signal: AbortSignal) => Promise<T>;
}

/** A finished job's duration, for estimates. */
export interface Took {
  readonly sort: string;
  readonly seconds: number;
}

/**
 * Runs jobs, so many side by side, and tells how far they are. The first failure ends those under way and rejects.
 * `took`: durations of jobs that were finished before.
 */
export async function runJobs<T>(
  jobs: readonly Job<T>[],
  more: {
    readonly atOnce: number;
    readonly signal: AbortSignal;
    readonly took: readonly Took[];
    readonly draw: (lines: readonly string[]) => void;
    readonly done: (job: Job<T>, result: T, left: string) => Promise<void>;
  },
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([more.signal, failed.signal]);
  const took = [...more.took];
  const waiting = [...jobs];
  const under = new Map<Job<T>, { readonly startedMs: number; progress: RunProgress | undefined }>();
  let finished = 0;
  const left = (): string => {
    const running = [...under].map(([job, { startedMs, progress }]) => ({
      sort: job.sort,
      seconds: (performance.now() - startedMs) / 1000,
      share: progress?.share,
    }));
    return timeLeft(waiting, running, took, more.atOnce);
  };
  const draw = (): void =>
    more.draw([
      `${finished} of ${jobs.length} trainings done${left()}`,
      ...[...under].map(([{ title }, { progress }]) => `  ${title}: ${progress?.text ?? 'starting'}`),
    ]);
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const state = { startedMs: performance.now(), progress: undefined as RunProgress | undefined };
      under.set(job, state);
      const result = await job.run((progress) => void (state.progress = progress), signal);
      under.delete(job);
      took.push({ sort: job.sort, seconds: (performance.now() - state.startedMs) / 1000 });
      finished++;
      await more.done(job, result, `${finished} of ${jobs.length}${left()}`);
    }
  };
  const watching = new AbortController();
  const watch = (async () => {
    for (;;) {
      draw();
      await sleep(500, undefined, { signal: watching.signal });
    }
  })().catch(() => {});
  try {
    await Promise.all(
      Array.from({ length: Math.min(more.atOnce, jobs.length) }, async () => {
        try {
          await worker();
        } catch (error) {
          waiting.length = 0;
          failed.abort(error);
          throw error;
        }
      }),
    );
  } finally {
    watching.abort();
    await watch;
  }
}

/** `, about 12 min left`; nothing while no job of any sort has been finished. */
export function timeLeft(
  waiting: readonly { readonly sort: string }[],
  running: readonly { readonly sort: string; readonly seconds: number; readonly share: number | undefined }[],
  took: readonly Took[],
  atOnce: number,
): string {
  if (took.length === 0) return '';
  const usual = (sort: string): number => {
    const alike = took.filter((one) => one.sort === sort);
    const known = alike.length > 0 ? alike : took;
    return known.reduce((sum, { seconds }) => sum + seconds, 0) / known.length;
  };
  const still = running.map(({ sort, seconds, share }) =>
    share !== undefined && share > 0.05 ? (seconds * (1 - share)) / share : Math.max(0, usual(sort) - seconds),
  );
  const queued = waiting.reduce((sum, { sort }) => sum + usual(sort), 0);
  const seconds = Math.max(...still, 0, (still.reduce((sum, one) => sum + one, 0) + queued) / atOnce);
  return seconds < 1 ? '' : `, about ${durationText(Math.ceil(seconds / 10) * 10)} left`;
}
