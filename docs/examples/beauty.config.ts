import { defineConfig } from '@tandem-rec/contract';
import { amazonSequential } from '@tandem-rec/dataset-files';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { sasrec } from '@tandem-rec/model-sequential';
import { combine } from '@tandem-rec/sharing-combine';
import { initialise, project } from '@tandem-rec/sharing-parameters';

/** Rows born from texts, eight times as large as the table's own: what texts say lasts longer. */
const births = initialise({ by: 'components', scale: 0.16 });
/** After twelve epochs of 153,776 events the language side reads the domain side's rows, which know something by then. */
const token = project({ schedule: { fromEvents: 1_850_000 } });

/**
 * Amazon Beauty, leave-one-out by order: SASRec on ids and a causal transformer over the vectors of items' texts. SASRec's
 * rows are born from the texts; in the second half of the training the transformer reads these rows as soft tokens. No
 * lessons of predictions: they make the two alike, which costs the gate more than it brings the transformer. Both read
 * whole timelines, at rates that fall over the last ten epochs; patience lasts until then.
 *
 *     npm run tandem -- evaluate docs/examples/beauty.config.ts
 *     npm run tandem -- compare docs/examples/beauty.config.ts --seeds 1,2,3
 */
export default defineConfig({
  name: 'Amazon Beauty',
  dataset: amazonSequential(),
  evaluation: {
    split: { by: 'leave-one-out', minInteractions: 3 },
    epochs: 24,
    validateEvery: 12,
    patience: 2,
    batches: 'timelines',
    batch: 1024,
    annealing: { from: 0.6, to: 0.05 },
  },
  domain: sasrec(),
  language: transformer({ pooling: 'causal', window: 50 }),
  sharing: combine({ strategies: [{ use: births }, { use: token }] }),
  fusion: gate(),
  comparison: {
    strategies: [
      { ...births, as: 'births' },
      { ...combine({ strategies: [{ use: births }, { use: token }] }), as: 'births-and-token' },
    ],
  },
});
