// One point of the plot: `growth-process.ts MODEL EVENTS`, forked by `bench-growth.ts`.
import { trainModel } from '../run-model.ts';
import { GROWTH_MODELS } from './growth-models.ts';
import { syntheticSplit } from './synthetic-split.ts';

const [model, events] = process.argv.slice(2);
const setting = { split: 'S4', model, use: GROWTH_MODELS[model], epochs: 1, tuned: 'the defaults' } as const;
const trained = await trainModel(setting, syntheticSplit(Number(events)), { signal: new AbortController().signal });
process.send?.({ cpuSeconds: trained.cpuSeconds, rssMb: process.resourceUsage().maxRSS / 1024 });
await trained.stop();
process.disconnect?.();
