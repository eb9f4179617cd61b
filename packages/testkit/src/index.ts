export { SteppingClock, systemClock } from './fixtures/clocks.ts';
export { MemoryCheckpointStore, MemoryRun } from './fixtures/memory-checkpoint-store.ts';
export { RecordingLog, type LogLine } from './fixtures/recording-log.ts';
export { testEnvironment, type TestEnvironment, type TestEnvironmentChanges } from './fixtures/test-environment.ts';
export { allItems, batchOf, testTables, type TestStatistics, type TestTables } from './fixtures/test-tables.ts';
export { timelinesOf } from './fixtures/timelines-of.ts';
export { raggedCandidates, TinyWorld, type Meeting } from './fixtures/tiny-world.ts';
export {
  interactionSourceConformance,
  type InteractionSourceConformance,
  type SourceWorld,
} from './sources/interaction-source-conformance.ts';
export {
  checkpointStoreConformance,
  type CheckpointStoreConformance,
  type StoreWorld,
} from './stores/checkpoint-store-conformance.ts';
export {
  domainModelConformance,
  languageModelConformance,
  type ParticipantConformance,
} from './participants/participant-conformance.ts';
export {
  sharingStrategyConformance,
  type SharingStrategyConformance,
} from './strategies/sharing-strategy-conformance.ts';
export { fusionConformance, type FusionConformance } from './fusions/fusion-conformance.ts';
