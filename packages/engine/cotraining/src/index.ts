export { CoTrainer, type Counts, type StageTimes, type Table } from './co-trainer.ts';
export { CoTrainingLoop, type Ending, type LoopTimes, type LoopWorld, type RunLimit } from './co-training-loop.ts';
export { type Losses } from './co-training-step.ts';
export { opinions, rankTargets, type NamedFusion, type Ranks } from './full-ranking.ts';
export { InformationSharingModule, type Seat } from './information-sharing-module.ts';
export { OfflineCoTraining } from './offline-co-training.ts';
export { type OfflineOptions, type OfflineProgress, type OfflineResult } from './offline-result.ts';
export { refuseOtherComposition } from './refuse-other-composition.ts';
