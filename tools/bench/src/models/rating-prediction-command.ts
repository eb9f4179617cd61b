import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { PluginUse } from '@tandem-rec/contract';
import { deepfm, fm } from '@tandem-rec/model-features';
import { movielensItems, ratingPrediction, type RatingPredictionRow } from './rating-prediction.ts';
import { loadSplit } from './splits.ts';

const HELP = `Usage: npm run bench -- ratings [--model <name>] [--json <file>]

Trains models of features to tell ratings of four stars and more from others on MovieLens 100K, a random 80/10/10 of each
user's, and prints AUC and log-loss on the test part. It takes a minute or two. Times are CPU seconds.`;

const LABEL = { atLeast: 4 };

/** As tuned, by AUC on validation. */
export const RATING_MODELS: Readonly<Record<string, PluginUse<'domain-model'>>> = {
  'logistic regression': fm({ dim: 0, label: LABEL }),
  fm: fm({ label: LABEL, regularisation: 0.05 }),
  deepfm: deepfm({ label: LABEL, regularisation: 0.05, denseLearningRate: 0.001, hidden: [32] }),
};

/** `npm run bench -- ratings`. Answers the exit code. */
export async function ratingsCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { model: { type: 'string', multiple: true }, json: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { signal } = new AbortController();
  const split = await loadSplit('S2');
  const items = await movielensItems(signal);
  const rows: RatingPredictionRow[] = [];
  for (const [model, use] of Object.entries(RATING_MODELS)) {
    if (values.model && !values.model.includes(model)) continue;
    const row = await ratingPrediction(model, use, split, items, {
      ...LABEL,
      epochs: 60,
      patience: 4,
      batch: 512,
      historyLimit: 100,
      seed: 42,
      signal,
    });
    rows.push(row);
    console.log(
      `${model}: AUC ${row.auc.toFixed(4)}, log-loss ${row.logLoss.toFixed(4)} after ${row.epoch} passes ` +
        `(validation ${row.validAuc.toFixed(4)}); ${row.cpuSecondsPerEpoch.toFixed(2)} s a pass`,
    );
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ rows }, undefined, 2)}\n`);
  return 0;
}
