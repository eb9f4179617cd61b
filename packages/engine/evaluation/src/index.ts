export { auc, uauc, type Uauc } from './auc.ts';
export {
  bootstrapMean,
  pairedBootstrap,
  pairedRatioBootstrap,
  type BlockSums,
  type BootstrapOptions,
  type Interval,
  type PairedComparison,
} from './bootstrap.ts';
export { hierarchicalBootstrap } from './hierarchical-bootstrap.ts';
export { holm } from './holm.ts';
export {
  AGE_BUCKETS,
  ageOf,
  Prequential,
  type BlockSelection,
  type PrequentialScores,
  type PrequentialSummary,
  type RankedEvents,
  type SliceScores,
} from './prequential.ts';
export {
  maskSeen,
  rankAll,
  rankEach,
  type ItemLists,
  type RankAllOptions,
  type Ranking,
  type RankingTask,
} from './rank-all.ts';
export { TargetRanker, type RankedTargets } from './rank-targets.ts';
export { mean, summarise, userMetrics, type RankingScores, type UserMetrics } from './ranking-metrics.ts';
export { SLICE_BOUNDS, sliceByItem, sliceByUser, type Slice } from './slices.ts';
export { itemSliceSums, userSliceSums, type SliceSums } from './slice-sums.ts';
export { chart, type ChartOptions, type ChartText, type Series } from './report/chart.ts';
export { escaped, htmlPage, htmlTable, type CellStyle, type ReportTable } from './report/html-page.ts';
export { intervalsChart, type IntervalMark } from './report/intervals-chart.ts';
