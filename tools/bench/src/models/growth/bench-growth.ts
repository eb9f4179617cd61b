import { fileURLToPath } from 'node:url';
import type { Measured } from '../bench-models.ts';
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

/** One pass of each model over 10⁴, 10⁵ … `max` synthetic interactions, each in a process of its own. */
export async function benchGrowth(
  models: readonly string[],
  max: number,
  note: (line: string) => void,
): Promise<readonly Measured<GrowthPoint>[]> {
  const run = aboutThisRun(1);
  const points: Measured<GrowthPoint>[] = [];
  for (const model of models)
    for (let events = 10_000; events <= max; events *= 10) {
      const what = `${model} on ${events} interactions`;
      const measured = await forked<Omit<GrowthPoint, 'model' | 'events'>>(ENTRY, [model, String(events)], what);
      const { cpuSeconds, rssMb, refused } = measured;
      note(`growth: ${what}: ${refused ?? `${cpuSeconds.toFixed(2)} s of CPU, ${rssMb.toFixed(0)} MB at most`}`);
      points.push({ model, events, ...measured, run });
    }
  return points;
}
