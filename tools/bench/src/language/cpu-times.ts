import { cpuMs } from '../stream/cpu-clock.ts';

/** CPU milliseconds of a run, all threads of this process. */
export interface CpuTimes {
  readonly best: number;
  readonly median: number;
}

/** Does it once to warm up, then so often again. */
export async function cpuTimes(runs: number, run: () => void | Promise<void>): Promise<CpuTimes> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const before = cpuMs();
    await run();
    times.push(Math.max(cpuMs() - before, Number.MIN_VALUE));
  }
  times.sort((a, b) => a - b);
  return { best: times[0], median: times[times.length >> 1] };
}
