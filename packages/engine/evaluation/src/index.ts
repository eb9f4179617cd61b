export { AGE_BUCKETS, ageOf, Prequential, type PrequentialScores, type PrequentialSummary, type RankedEvents, type SliceScores } from './prequential.ts';
