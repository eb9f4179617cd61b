/** What a row should cost at most. */
export interface CostGoal {
  readonly figure: 'cpuSecondsPerEpoch' | 'cpuSeconds' | 'rssMb';
  /** So much, or so many times what a peer takes that the name begins with. */
  readonly atMost: number | { readonly peer: string; readonly times: number };
}

/** What a row should reach. */
export interface Goal {
  readonly ndcg: number;
  readonly recall?: number;
}

/** Floors of quality by `<split> <model>`: what tuned implementations of the same method reach. */
const GOALS: Readonly<Record<string, Goal>> = {
  'S1 item-knn-bm25': { ndcg: 0.067 },
  'S1 item-knn-bm25+v': { ndcg: 0.071 },
  'S2 item-knn-bm25': { ndcg: 0.28 },
  'S3 item-knn-bm25': { ndcg: 0.0278 },
  'S3 item-knn-bm25+v': { ndcg: 0.0357, recall: 0.066 },
  'S4 item-knn-bm25': { ndcg: 0.1139, recall: 0.1475 },
  'S1 ease': { ndcg: 0.0751 },
  'S1 ease+v': { ndcg: 0.0821 },
  'S2 ease': { ndcg: 0.3154 },
  'S3 ease': { ndcg: 0.0272 },
  'S4 gfcf': { ndcg: 0.15, recall: 0.183 },
  'S1 ials': { ndcg: 0.069 },
  'S2 ials': { ndcg: 0.3231 },
  'S3 ials': { ndcg: 0.0217 },
  'S4 ials': { ndcg: 0.1272, recall: 0.1487 },
  'S1 bpr': { ndcg: 0.067 },
  'S2 bpr': { ndcg: 0.303 },
  'S3 bpr': { ndcg: 0.0182 },
  'S4 bpr': { ndcg: 0.106 },
  'S2 warp': { ndcg: 0.3063 },
  'S4 warp': { ndcg: 0.1152 },
  'S2 softmax-mf': { ndcg: 0.3063 },
  'S4 softmax-mf': { ndcg: 0.1152 },
  'S2 lightgcn': { ndcg: 0.2923 },
  'S4 lightgcn': { ndcg: 0.1554, recall: 0.183 },
  'S4 ngcf': { ndcg: 0.1322, recall: 0.1569 },
  'S1 sasrec': { ndcg: 0.088, recall: 0.17 },
  'S3 sasrec': { ndcg: 0.0535, recall: 0.091 },
  'S3 bert4rec': { ndcg: 0.045 },
  'S3 gru4rec': { ndcg: 0.04 },
  'S3 caser': { ndcg: 0.03 },
};

/** Floors of prequential NDCG@10 by `<stream> <model>`. */
export const STREAM_GOALS: Readonly<Record<string, number>> = {
  'ml-100k popularity': 0.044,
  'ml-100k itemKnn': 0.099,
  'ml-100k fism': 0.102,
  'ml-latest-small popularity': 0.027,
  'ml-latest-small itemKnn': 0.057,
  'ml-latest-small fism': 0.043,
};

/** CPU milliseconds an event at most: what a prototype in torch and numpy took. */
export const STREAM_COST_GOALS: Readonly<Record<string, number>> = {
  'ml-100k popularity': 0.1,
  'ml-latest-small popularity': 0.1,
  'ml-100k itemKnn': 0.1,
  'ml-latest-small itemKnn': 0.27,
  'ml-100k fism': 0.25,
  'ml-latest-small fism': 0.25,
};

/** What rows should cost at most, by `<split> <model>`. */
const COST_GOALS: Readonly<Record<string, readonly CostGoal[]>> = {
  ...everywhere('item-knn-bm25', { figure: 'cpuSeconds', atMost: beside('implicit') }),
  ...everywhere('ease', { figure: 'cpuSeconds', atMost: beside('EASE in numpy') }),
  'S3 ease': [
    { figure: 'cpuSeconds', atMost: beside('EASE in numpy') },
    { figure: 'rssMb', atMost: 2500 },
  ],
  'S4 gfcf': [{ figure: 'cpuSeconds', atMost: 60 }],
  ...everywhere('ials', { figure: 'cpuSecondsPerEpoch', atMost: beside('implicit') }),
  ...everywhere('bpr', { figure: 'cpuSecondsPerEpoch', atMost: beside('implicit') }),
  ...everywhere('warp', { figure: 'cpuSecondsPerEpoch', atMost: beside('LightFM') }),
  'S2 lightgcn': [{ figure: 'cpuSeconds', atMost: beside('RecBole', 0.1) }],
  // Half an hour on two cores.
  'S4 lightgcn': [{ figure: 'cpuSeconds', atMost: 3600 }],
  'S3 sasrec': [{ figure: 'cpuSecondsPerEpoch', atMost: 15 }],
};

/** The goals of a row. */
export function goalsOf(row: string): { readonly goal?: Goal; readonly costGoals?: readonly CostGoal[] } {
  const goal = GOALS[row];
  const costGoals = COST_GOALS[row];
  return { ...(goal && { goal }), ...(costGoals && { costGoals }) };
}

function beside(peer: string, times = 1): CostGoal['atMost'] {
  return { peer, times };
}

function everywhere(model: string, goal: CostGoal): Readonly<Record<string, readonly CostGoal[]>> {
  return Object.fromEntries(['S1', 'S2', 'S3', 'S4'].map((split) => [`${split} ${model}`, [goal]]));
}
