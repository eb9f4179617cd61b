import type { PluginUse } from '@tandem-rec/contract';
import { deepfm, fm } from '@tandem-rec/model-features';
import type { Measured } from './bench-models.ts';
import { movielensItems, ratingPrediction, type RatingPredictionRow } from './rating-prediction.ts';
import { aboutThisRun } from './run-about.ts';
import { loadSplit } from './splits.ts';

const LABEL = { atLeast: 4 };

/** As tuned, by AUC on validation. */
export const RATING_MODELS: Readonly<Record<string, PluginUse<'domain-model'>>> = {
  'logistic regression': fm({ dim: 0, label: LABEL }),
  fm: fm({ label: LABEL, regularisation: 0.05 }),
  deepfm: deepfm({ label: LABEL, regularisation: 0.05, denseLearningRate: 0.001, hidden: [32] }),
};

/** Trains models of features to tell ratings of four stars and more from others, on the rows of S2. */
export async function measureRatings(
  models: Readonly<Record<string, PluginUse<'domain-model'>>>,
  note: (line: string) => void,
): Promise<readonly Measured<RatingPredictionRow>[]> {
  const { signal } = new AbortController();
  const run = aboutThisRun(1);
  const split = await loadSplit('S2');
  const items = await movielensItems(signal);
  const rows: Measured<RatingPredictionRow>[] = [];
  for (const [model, use] of Object.entries(models)) {
    const row = await ratingPrediction(model, use, split, items, {
      ...LABEL,
      epochs: 60,
      patience: 4,
      batch: 512,
      historyLimit: 100,
      seed: 42,
      signal,
    });
    rows.push({ ...row, run });
    note(
      `${model}: AUC ${row.auc.toFixed(4)} after ${row.epoch} passes, ${row.cpuSecondsPerEpoch.toFixed(2)} s a pass`,
    );
  }
  return rows;
}
