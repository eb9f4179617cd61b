import type { PluginUse } from '@tandem-rec/contract';
import { deepfm, fm } from '@tandem-rec/model-features';
import type { Measured } from './bench-models.ts';
import type { MissingPeer } from './peers/peer-environments.ts';
import { ratingPeers, type RatingPeer } from './peers/recorded-rating-peers.ts';
import { runRatingPeers } from './peers/run-rating-peers.ts';
import { movielensItems, ratingPrediction, type RatingPredictionRow } from './rating-prediction.ts';
import { aboutThisRun } from './run-about.ts';
import { loadSplit } from './splits.ts';
import { STREAMED } from './streamed-settings.ts';

const LABEL = { atLeast: 4 };

/**
 * As tuned, by AUC on validation. On a stream two steps of rows (.05, .1) were tried, three λ for `fm` and `deepfm`, and
 * the layers of its default.
 */
export const RATING_MODELS: Readonly<Record<string, PluginUse<'domain-model'>>> = {
  'logistic regression': fm({ dim: 0, label: LABEL }),
  fm: fm({ label: LABEL, regularisation: 0.05 }),
  deepfm: deepfm({ label: LABEL, regularisation: 0.05, denseLearningRate: 0.001, hidden: [32] }),
  [`logistic regression${STREAMED}`]: fm({ dim: 0, label: LABEL, learningRate: 0.1 }),
  [`fm${STREAMED}`]: fm({ label: LABEL, regularisation: 0.05, learningRate: 0.1 }),
  [`deepfm${STREAMED}`]: deepfm({ label: LABEL, regularisation: 0.05, denseLearningRate: 0.001, hidden: [32] }),
};

/** How often the engine's streams learn an event again, and how many events are a batch there. */
const STREAM = { batch: 64, replay: 2, epochs: 1 };

/** A model's figures with those of others on the same ratings. */
export interface RatingRow extends Measured<RatingPredictionRow> {
  readonly peers: readonly RatingPeer[];
}

export interface RatingReport {
  readonly ratings: readonly RatingRow[];
  readonly missingPeers: readonly MissingPeer[];
}

/** Trains models of features to tell ratings of four stars and more from others, on the rows of S2. */
export async function measureRatings(
  models: Readonly<Record<string, PluginUse<'domain-model'>>>,
  { peers, note }: { readonly peers: boolean; readonly note: (line: string) => void },
): Promise<RatingReport> {
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
      ...(model.endsWith(STREAMED) && STREAM),
      historyLimit: 100,
      seed: 42,
      signal,
    });
    rows.push({ ...row, run });
    note(
      `${model}: AUC ${row.auc.toFixed(4)} after ${row.epoch} passes, ${row.cpuSecondsPerEpoch.toFixed(2)} s a pass`,
    );
  }
  const { figures, missing } = peers
    ? await runRatingPeers(Object.keys(models), { split, items, ...LABEL }, run, note)
    : { figures: new Map<string, RatingPeer>(), missing: [] };
  const beside = (model: string): readonly RatingPeer[] => [figures.get(model) ?? []].flat();
  return {
    ratings: rows.map((row) => ({ ...row, peers: ratingPeers(row.model, beside(row.model)) })),
    missingPeers: missing,
  };
}
