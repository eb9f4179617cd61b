import { fileURLToPath } from 'node:url';
import type { Failure, Measured } from '../bench-models.ts';
import { forked } from '../forked.ts';
import { aboutThisRun } from '../run-about.ts';

/** What one pass over so many interactions cost. */
export interface GrowthPoint {
  readonly model: string;
  readonly events: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** Why there was no pass, in the model's words: memory that it would need and that is not there. */
  readonly refused?: string;
}

const ENTRY = fileURLToPath(new URL('growth-process.ts', import.meta.url));

export interface GrowthReport {
  readonly growth: readonly Measured<GrowthPoint>[];
  readonly failed: readonly Failure[];
}

/** One pass of each model over 10⁴, 10⁵ … `max` synthetic interactions, each in a process of its own. */
export async function benchGrowth(
  models: readonly string[],
  max: number,
  note: (line: string) => void,
): Promise<GrowthReport> {
  const run = aboutThisRun(1);
  const growth: Measured<GrowthPoint>[] = [];
  const failed: Failure[] = [];
  for (const model of models)
    for (let events = 10_000; events <= max; events *= 10) {
      const what = `${model} on ${events} interactions`;
      try {
        const measured = await forked<Omit<GrowthPoint, 'model' | 'events'>>(ENTRY, [model, String(events)], what);
        const { cpuSeconds, rssMb, refused } = measured;
        note(`growth: ${what}: ${refused ?? `${cpuSeconds.toFixed(2)} s of CPU, ${rssMb.toFixed(0)} MB at most`}`);
        growth.push({ model, events, ...measured, run });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        note(`growth: ${reason}`);
        failed.push({ split: `${events} synthetic interactions`, model, reason });
      }
    }
  return { growth, failed };
}
