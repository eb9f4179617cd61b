export { composeVariant, VARIANTS, type CompositionRequest, type Variant } from './compose-variant.ts';
export { findFolders, type Folders } from './folders.ts';
export { createHost, type HostOptions } from './host.ts';
export { lineText, LOG_LEVELS, loggerOf, type LogLevel, type LogLine } from './logger.ts';
export { explained, platformOf, tableOf, type TrainingRequest } from './serve-training.ts';
export type { TrainingStatus } from './status.ts';
export { systemClock } from './system-clock.ts';
export { TrainingThread } from './training-thread.ts';
export { askControl, controlPath, serveControl, type ControlHandlers } from './control-socket.ts';
