import type { RunAbout } from '../run-about.ts';
import type { SplitName } from '../splits.ts';

/** What another implementation reached. */
export interface PeerFigures {
  /** Library and model, such as `implicit ALS`. */
  readonly peer: string;
  readonly ndcg?: number;
  readonly recall?: number;
  readonly cpuSecondsPerEpoch?: number;
  /** The whole training. */
  readonly cpuSeconds?: number;
  readonly topkCpuSeconds?: number;
  readonly rssMb?: number;
  /** Where the figures come from, in words. */
  readonly source: string;
  /** The run that measured them, if one of ours did. */
  readonly run?: RunAbout;
}

const source = 'recorded: measured once, on 2 cores of an AMD EPYC, one thread';

type Recorded = readonly [
  row: `${SplitName} ${string}`,
  peer: string,
  ndcg: number,
  recall: number,
  epoch: number,
  all: number,
  topk: number,
  rss: number,
];

/** Peers as they were measured once: shown where they are not run beside ours. Of one row the first sets the floor. */
const RECORDED: readonly Recorded[] = [
  ['S1 popularity', 'numpy counts', 0.0404, 0.0807, 0, 0, 0.0151, 71],
  ['S2 popularity', 'numpy counts', 0.1306, 0.1157, 0, 0, 0.018, 76],
  ['S3 popularity', 'numpy counts', 0.0055, 0.0115, 0, 0, 2.55, 241],
  ['S4 popularity', 'numpy counts', 0.0317, 0.0416, 0, 0, 13.4, 720],
  ['S1 item-knn-bm25', 'implicit BM25', 0.0674, 0.1327, 0.0445, 0.0445, 0.0465, 108],
  ['S2 item-knn-bm25', 'implicit BM25', 0.2804, 0.241, 0.0784, 0.0784, 0.0628, 115],
  ['S3 item-knn-bm25', 'implicit BM25', 0.0278, 0.0517, 0.0752, 0.0752, 0.7074, 324],
  ['S4 item-knn-bm25', 'implicit BM25', 0.1139, 0.1475, 0.6375, 0.6375, 1.1689, 950],
  ['S1 item-knn-bm25+v', 'implicit BM25', 0.0711, 0.1401, 0.0445, 0.0445, 0.0465, 108],
  ['S2 item-knn-bm25+v', 'implicit BM25', 0.282, 0.241, 0.0784, 0.0784, 0.0628, 115],
  ['S3 item-knn-bm25+v', 'implicit BM25', 0.0357, 0.066, 0.0752, 0.0752, 0.7074, 324],
  ['S1 item-knn-cosine', 'implicit cosine', 0.0638, 0.1146, 0.0487, 0.0487, 0.0494, 109],
  ['S2 item-knn-cosine', 'implicit cosine', 0.2565, 0.2154, 0.1046, 0.1046, 0.0839, 129],
  ['S3 item-knn-cosine', 'implicit cosine', 0.0225, 0.041, 0.0975, 0.0975, 0.7232, 322],
  ['S4 item-knn-cosine', 'implicit cosine', 0.0791, 0.1108, 0.7087, 0.7087, 1.2644, 900],
  ['S1 item-knn-cosine+v', 'implicit cosine', 0.0654, 0.1136, 0.0487, 0.0487, 0.0494, 109],
  ['S2 item-knn-cosine+v', 'implicit cosine', 0.257, 0.2142, 0.1046, 0.105, 0.0839, 129],
  ['S3 item-knn-cosine+v', 'implicit cosine', 0.0316, 0.0553, 0.0975, 0.0975, 0.7232, 322],
  ['S1 ease', 'EASE in numpy', 0.0751, 0.1348, 0.1736, 0.1736, 0.0222, 169],
  ['S2 ease', 'EASE in numpy', 0.3154, 0.2712, 0.266, 0.266, 0.0283, 213],
  ['S3 ease', 'EASE in numpy', 0.0272, 0.0516, 88.5, 88.5, 4.9, 6220],
  ['S1 ease+v', 'EASE in numpy', 0.0821, 0.1423, 0.1736, 0.1736, 0.0218, 169],
  ['S2 ease+v', 'EASE in numpy', 0.3219, 0.2729, 0.266, 0.266, 0.0304, 213],
  ['S3 ease+v', 'EASE in numpy', 0.0349, 0.0656, 88.5, 88.5, 5.01, 6220],
  ['S1 ials', 'implicit ALS', 0.0691, 0.1316, 0.0101, 0.15, 0.0247, 88],
  ['S1 ials', 'Gorse CCD', 0.068, 0.1401, 0.065, 0.975, 0.0128, 67],
  ['S2 ials', 'implicit ALS', 0.3231, 0.2674, 0.0146, 0.22, 0.0268, 97],
  ['S2 ials', 'Gorse CCD', 0.2589, 0.2413, 0.0886, 1.33, 0.0154, 78],
  ['S3 ials', 'implicit ALS', 0.0213, 0.0425, 0.0881, 1.32, 1.1748, 286],
  ['S3 ials', 'Gorse CCD', 0.0217, 0.0432, 0.5707, 8.56, 2.5514, 94],
  ['S4 ials', 'implicit ALS', 0.127, 0.1487, 0.3141, 4.71, 3.7279, 835],
  ['S4 ials', 'Gorse CCD', 0.1272, 0.1467, 1.9057, 19.1, 22.3289, 187],
  ['S1 bpr', 'Gorse BPR', 0.0672, 0.1285, 0.0173, 1.73, 0.0112, 72],
  ['S1 bpr', 'implicit BPR', 0.0546, 0.1072, 0.0073, 1.46, 0.0289, 91],
  ['S1 bpr', 'RecBole BPR', 0.0633, 0.1316, 0.1421, 23.7, 0.0243, 645],
  ['S2 bpr', 'Gorse BPR', 0.303, 0.2547, 0.0298, 2.98, 0.0143, 79],
  ['S2 bpr', 'implicit BPR', 0.2213, 0.1913, 0.0125, 2.5, 0.0292, 97],
  ['S2 bpr', 'RecBole BPR', 0.2863, 0.2433, 0.225, 19.1, 0.0262, 664],
  ['S3 bpr', 'Gorse BPR', 0.0182, 0.0365, 0.1342, 13.4, 2.59, 94],
  ['S3 bpr', 'implicit BPR', 0.0109, 0.0221, 0.0537, 5.37, 1.1873, 290],
  ['S3 bpr', 'RecBole BPR', 0.0174, 0.0353, 0.9943, 69.6, 8.0643, 1027],
  ['S4 bpr', 'Gorse BPR', 0.1058, 0.1306, 0.9638, 57.8, 22.0, 210],
  ['S4 bpr', 'implicit BPR', 0.0598, 0.0771, 0.4104, 24.6, 3.66, 841],
  ['S1 warp', 'LightFM WARP', 0.0675, 0.1285, 0.0484, 1.21, 0.0205, 70],
  ['S2 warp', 'LightFM WARP', 0.3063, 0.259, 0.0931, 5.59, 0.0657, 76],
  ['S3 warp', 'LightFM WARP', 0.016, 0.0318, 0.2487, 7.46, 4.17, 276],
  ['S4 warp', 'LightFM WARP', 0.1152, 0.1387, 1.7697, 35.4, 20.6, 783],
  ['S2 lightgcn', 'RecBole LightGCN', 0.2923, 0.2486, 1.415, 92, 0.0416, 680],
  ['S3 lightgcn', 'RecBole LightGCN, 2 epochs', 0.0121, 0.025, 10.82, 21.6, 9.16, 1129],
  ['S3 sasrec', 'RecBole SASRec, 1 epoch', 0.0065, 0.0141, 247.4, 247.4, 12.3, 4761],
];

/** The peers that go beside a row, as measured before; the one whose quality is the floor comes first. */
export function recordedPeers(split: SplitName, model: string): readonly PeerFigures[] {
  return RECORDED.filter(([row]) => row === `${split} ${model}`).map(
    ([, peer, ndcg, recall, cpuSecondsPerEpoch, cpuSeconds, topkCpuSeconds, rssMb]) => ({
      peer,
      ndcg,
      recall,
      cpuSecondsPerEpoch,
      cpuSeconds,
      topkCpuSeconds,
      rssMb,
      source,
    }),
  );
}
