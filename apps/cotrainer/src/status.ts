import type { CheckpointInfo } from '@tandem-rec/contract';
import type { Counts, Ending, LoopTimes, Losses, StageTimes } from '@tandem-rec/cotraining';
import type { PrequentialSummary } from '@tandem-rec/evaluation';
import type { Heard } from './heard.ts';

/** What a training process says of itself. */
export interface TrainingStatus {
  /** `starting`, `learning`, then how it ended. */
  readonly phase: 'starting' | 'learning' | Ending;
  readonly counts: Counts;
  readonly users: number;
  readonly items: number;
  /** Milliseconds since learning began. */
  readonly learningMs: number;
  /** Events a second over the last seconds. */
  readonly eventsPerSecond: number;
  /** Records between the source's newest one and the newest that it handed out, if it can tell. */
  readonly lag: number | undefined;
  readonly losses: Losses;
  readonly prequential: PrequentialSummary;
  readonly times: StageTimes & LoopTimes;
  readonly checkpoint: CheckpointInfo | undefined;
  readonly deadLetters: number;
  /** How often what failed without ending the run, by who and what. */
  readonly faults: Readonly<Record<string, number>>;
  readonly heard: Heard;
  readonly backend: string;
  /** Batches repeated from the journal when the process started. */
  readonly replayed: number;
}
