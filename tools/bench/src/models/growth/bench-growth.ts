import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GROWTH_MODELS } from './growth-models.ts';

/** What one pass over so many interactions cost. */
export interface GrowthPoint {
  readonly model: string;
  readonly events: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

const ENTRY = fileURLToPath(new URL('growth-process.ts', import.meta.url));

/** One pass of each model over 10⁴, 10⁵ … `max` synthetic interactions, each in a process of its own. */
export async function benchGrowth(max: number, note: (line: string) => void): Promise<readonly GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const model of Object.keys(GROWTH_MODELS))
    for (let events = 10_000; events <= max; events *= 10) {
      const point = { model, events, ...(await measure(model, events)) };
      note(`growth: ${model}, ${events} interactions: ${point.cpuSeconds.toFixed(2)} s of CPU`);
      points.push(point);
    }
  return points;
}

function measure(model: string, events: number): Promise<Pick<GrowthPoint, 'cpuSeconds' | 'rssMb'>> {
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, [model, String(events)]);
    child.on('message', (point) => resolve(point as GrowthPoint));
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      reject(new Error(`${model} on ${events} interactions ended with ${signal ?? code} and without a result.`)),
    );
  });
}
