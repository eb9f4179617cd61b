// The process of one work: `work-process.ts REQUEST`, forked by `bench-language.ts`.
import { doWork, type WorkDone, type WorkRequest } from './works.ts';

/** What the process says: figures with the memory it took at most, or what went wrong. */
export type FromWork = Measured | { readonly failed: string };
export type Measured = WorkDone & { readonly peakMb: number };

const say = (message: FromWork): void => void process.send?.(message);
try {
  const done = await doWork(JSON.parse(process.argv[2]) as WorkRequest);
  say({ ...done, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) });
} catch (error) {
  say({ failed: (error as Error).message });
}
process.disconnect?.();
