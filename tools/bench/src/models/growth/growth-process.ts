// One point of the plot: `growth-process.ts MODEL EVENTS`, forked by `bench-growth.ts`.
import { TandemError } from '@tandem-rec/contract';
import { trainModel } from '../run-model.ts';
import { GROWTH_MODELS } from './growth-models.ts';
import { syntheticSplit } from './synthetic-split.ts';

const [model, events] = process.argv.slice(2);
const setting = { split: 'S4', model, use: GROWTH_MODELS[model], epochs: 1, tuned: 'the defaults' } as const;
const rssMb = (): number => process.resourceUsage().maxRSS / 1024;
try {
  const trained = await trainModel(setting, syntheticSplit(Number(events)), { signal: new AbortController().signal });
  process.send?.({ cpuSeconds: trained.cpuSeconds, rssMb: rssMb() });
  await trained.stop();
} catch (error) {
  if (!TandemError.is(error) || error.code !== 'TANDEM_MEMORY_TOO_SMALL') throw error;
  process.send?.({ cpuSeconds: 0, rssMb: rssMb(), refused: error.message });
}
process.disconnect?.();
