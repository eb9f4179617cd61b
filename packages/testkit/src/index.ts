export { SteppingClock, systemClock } from './fixtures/clocks.ts';
export { RecordingLog, type LogLine } from './fixtures/recording-log.ts';
export { testEnvironment, type TestEnvironment, type TestEnvironmentChanges } from './fixtures/test-environment.ts';
