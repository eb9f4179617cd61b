import type { Candidates } from './batch.ts';
import type { Side } from './knowledge.ts';
import type { Matrix, Rows } from './matrix.ts';

/** Who teaches whom, by participant name. */
interface Taught {
  readonly from: string;
  readonly to: string;
}

/** "Rank these candidates as I do": a distillation loss over the rows of the batch it was made for. */
export interface PredictionLesson extends Taught {
  readonly kind: 'predictions';
  readonly candidates: Candidates;
  /**
   * The teacher's probabilities in the layout of `Scores`; each row of the batch sums to one over its candidates
   * (already at `temperature`), or is all zero where the row's weight is zero.
   */
  readonly target: Float32Array;
  readonly temperature: number;
  /** One weight per row of the batch, ≥ 0. Loss: Σ_b weight_b · T² · KL(target_b ‖ softmax(scores_b / T)), over the batch size. */
  readonly weight: Float32Array;
}

/** "Let your vector of this user or item come near mine." */
export interface RepresentationLesson extends Taught {
  readonly kind: 'representations';
  readonly side: Side;
  readonly rows: Rows;
  /** `rows.length × width of the teacher`. Constants: no gradient flows back. */
  readonly target: Matrix;
  readonly loss: 'info-nce' | 'cosine' | 'mse';
  readonly temperature: number;
  readonly weight: number;
}

/** "This is what I would say about them." */
export interface TextLesson extends Taught {
  readonly kind: 'text';
  readonly side: Side;
  readonly rows: Rows;
  /** One text per row. */
  readonly texts: readonly string[];
  readonly weight: number;
}

/**
 * One participant's knowledge, made into data for another. Parameters are not among the lessons: they are attached
 * when the pipeline is composed and flow through the shared tables. Participants turn lessons into loss terms themselves.
 */
export type Lesson = PredictionLesson | RepresentationLesson | TextLesson;
