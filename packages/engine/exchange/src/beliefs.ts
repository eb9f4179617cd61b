import type { Batch, BridgeParticipant, PredictionLesson, Rows } from '@tandem-rec/contract';
import { softmaxRows } from '@tandem-rec/compute';

/** What a participant believes about candidates that are the same for every row of a batch. */
export interface Beliefs {
  readonly participant: string;
  readonly items: Rows;
  /** Logits, `batch.size × items.length`, −∞ for what a row's user has met. Valid until the participant's next prediction. */
  readonly scores: Float32Array;
  /** Log-probability of each row's true item; −∞ where it is not among the candidates. */
  readonly truth: Float32Array;
  readonly temperature: number;
}

/** Asks a participant for its beliefs before it learns from the batch. `items`: distinct, ascending. */
export async function beliefsOf(
  participant: BridgeParticipant,
  batch: Batch,
  items: Rows,
  temperature: number,
): Promise<Beliefs> {
  const columns = columnsOf(items);
  const scores = await participant.predict(batch, { kind: 'shared', items });
  const { offsets, items: met } = batch.history;
  for (let row = 0; row < batch.size; row++)
    for (let k = offsets[row]; k < offsets[row + 1]; k++) {
      const column = columns(met[k]);
      if (column >= 0 && met[k] !== batch.items[row]) scores[row * items.length + column] = -Infinity;
    }
  const logSums = new Float64Array(batch.size);
  softmaxRows(scores, batch.size, items.length, temperature, undefined, logSums);
  const truth = new Float32Array(batch.size);
  for (let row = 0; row < batch.size; row++) {
    const column = columns(batch.items[row]);
    truth[row] = column < 0 ? -Infinity : scores[row * items.length + column] / temperature - logSums[row];
  }
  return { participant: participant.name, items, scores, truth, temperature };
}

/**
 * A teacher's beliefs as a lesson for `to`, with one weight per row of the batch: probabilities that sum to one over what a
 * row's user has not met, and nothing in rows of weight zero.
 */
export function lessonOf(
  { participant, items, scores, temperature }: Beliefs,
  to: string,
  weight: Float32Array,
): PredictionLesson {
  const width = items.length;
  const target = scores.slice(0, weight.length * width);
  weight.forEach((heard, row) => heard === 0 && target.fill(-Infinity, row * width, (row + 1) * width));
  softmaxRows(target, weight.length, width, temperature, target, new Float64Array(weight.length));
  return {
    kind: 'predictions',
    from: participant,
    to,
    candidates: { kind: 'shared', items },
    target,
    temperature,
    weight,
  };
}

/**
 * The confidence gate: a row is taught only where the teacher gives its true item more mass than the student does, with
 * this weight. Without the gate, distillation from scratch harms rare items and the ensemble.
 */
export function whereTeacherKnowsBetter(teacher: Beliefs, student: Beliefs, weight: number): Float32Array {
  return Float32Array.from(teacher.truth, (truth, row) => (truth > student.truth[row] ? weight : 0));
}

/** Position of an item within ascending candidates, −1 if it is not there. Free where candidates are 0 … n − 1. */
function columnsOf(items: Rows): (item: number) => number {
  if (items.length === 0 || items[items.length - 1] === items.length - 1)
    return (item) => (item < items.length ? item : -1);
  const columns = new Map<number, number>();
  items.forEach((item, column) => columns.set(item, column));
  return (item) => columns.get(item) ?? -1;
}
