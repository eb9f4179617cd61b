import { itemKnn } from '@tandem-rec/model-neighbourhood';
import type { Setting } from './types.ts';

/** K, K1 and B of implicit's BM25Recommender, K of its CosineRecommender. */
const CHOSEN = [
  { split: 'S1', bm25: [200, 1.2, 0.75], cosine: 200 },
  { split: 'S2', bm25: [200, 1.2, 0.75], cosine: 500 },
  { split: 'S3', bm25: [100, 1.2, 0.1], cosine: 100 },
  { split: 'S4', bm25: [20, 1.2, 0.1], cosine: 20 },
] as const;

const TUNED = 'as chosen for implicit on validation (S4: on a tenth of the training rows)';

export const settings: readonly Setting[] = CHOSEN.flatMap(
  ({ split, bm25: [neighbours, k1, b], cosine }): Setting[] => {
    const common = {
      split,
      epochs: 1,
      histories: split === 'S4' ? (['train'] as const) : (['train', 'train+valid'] as const),
    };
    return [
      {
        ...common,
        model: 'item-knn-bm25',
        use: itemKnn({ similarity: 'bm25', neighbours, bm25: { k1, b } }),
        tuned: `${TUNED}: K 20, 50, 100, 200; K1 0.3, 1.2; B 0.1, 0.4, 0.75`,
      },
      {
        ...common,
        model: 'item-knn-cosine',
        use: itemKnn({ similarity: 'cosine', neighbours: cosine }),
        tuned: `${TUNED}: K 20, 50, 100, 200, 500`,
      },
    ];
  },
);
