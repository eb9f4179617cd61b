export { decodeRecord, MAX_ID_LENGTH, type DecodedRecord, type TimeRules } from './decode-record.ts';
export { encodeInteraction, encodeItem } from './encode-record.ts';
export {
  contextsOf,
  countEvents,
  evaluationTask,
  type EvaluationTask,
  type ItemLists,
  type TaskOptions,
} from './evaluation-task.ts';
export { GIVEN_PARTS, selectEvents, tableOf, type EventTable } from './event-table.ts';
export { parseIsoTime } from './event-time.ts';
export { itemText } from './item-text.ts';
export {
  loadInteractions,
  loadItems,
  type LoadedInteractions,
  type LoadOptions,
  type RowErrors,
} from './load-dataset.ts';
export { withPermutedTexts } from './permuted-texts.ts';
export { numpyRandom } from './numpy-random.ts';
export { recordSchema } from './record-schema.ts';
export { given, leaveOneOut, randomPerUser, splitTable, temporal, type Split } from './split.ts';
export { streamDataset, type DatasetStream, type StreamRecord } from './stream-dataset.ts';
export { timeRules } from './time-rules.ts';
export { timelines, type TimelineIndex } from './timelines.ts';
export { eventsOf, TrainingSet } from './training-set.ts';
export { nestedRuns } from './nested-runs.ts';
export { checkVectors } from './leakage/check-vectors.ts';
export { findLeaks } from './leakage/find-leaks.ts';
export type { LeakFinding } from './leakage/leak-finding.ts';
