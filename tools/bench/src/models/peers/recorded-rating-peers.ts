/** What another implementation reached on the same ratings. */
export interface RatingPeer {
  readonly peer: string;
  readonly auc: number;
  readonly logLoss: number;
  readonly cpuSecondsPerEpoch?: number;
}

/** Where the figures come from. */
export const RECORDED_RATING_SOURCE =
  'recorded: measured once on the same rows, on an AMD EPYC, one thread; scikit-learn 1.9.1, and PyTorch with layers of 64 and 32, Adam with a rate of .001, not tuned.';

/** Independent implementations, by the model of ours that they stand beside. */
export const RECORDED_RATING_PEERS: Readonly<Record<string, RatingPeer>> = {
  'logistic regression': { peer: 'logistic regression by scikit-learn', auc: 0.778, logLoss: 0.56 },
  fm: { peer: 'FM in PyTorch', auc: 0.7853, logLoss: 0.5553, cpuSecondsPerEpoch: 0.87 },
  deepfm: { peer: 'DeepFM in PyTorch', auc: 0.7875, logLoss: 0.5528, cpuSecondsPerEpoch: 1.18 },
};
