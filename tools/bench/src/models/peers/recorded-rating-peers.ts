import type { RunAbout } from '../run-about.ts';

/** What another implementation reached on the same ratings. */
export interface RatingPeer {
  readonly peer: string;
  readonly auc: number;
  readonly logLoss: number;
  readonly cpuSecondsPerEpoch?: number;
  /** Where the figures come from, in words. */
  readonly source: string;
  /** The run that measured them, if one of ours did. */
  readonly run?: RunAbout;
}

const source = 'recorded: measured once on the same rows, on an AMD EPYC, one thread, not tuned';

/** Independent implementations, by the model of ours that they stand beside. */
const RECORDED: Readonly<Record<string, RatingPeer>> = {
  'logistic regression': { peer: 'scikit-learn 1.9.1', auc: 0.778, logLoss: 0.56, source },
  fm: { peer: 'FM in PyTorch', auc: 0.7853, logLoss: 0.5553, cpuSecondsPerEpoch: 0.87, source },
  deepfm: { peer: 'DeepFM in PyTorch', auc: 0.7875, logLoss: 0.5528, cpuSecondsPerEpoch: 1.18, source },
};

/** A model's peers: the recorded one, and those that were measured, each as it was measured last. */
export function ratingPeers(model: string, measured: readonly RatingPeer[]): readonly RatingPeer[] {
  const recorded = Object.hasOwn(RECORDED, model) ? [RECORDED[model]] : [];
  return [...new Map([...recorded, ...measured].map((one) => [one.peer, one])).values()];
}
