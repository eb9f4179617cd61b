import type { Batch, Lesson, PredictionLesson } from '@tandem-rec/contract';

/** Beyond this, a weight or a coordinate is no knowledge but an accident. */
const EXPLODED = 1e6;

/** What is wrong with a lesson, in words; undefined if it can be learned from. */
export function faultOf(lesson: Lesson, batch: Batch): string | undefined {
  if (lesson.kind === 'predictions') return faultOfPredictions(lesson, batch);
  const { weight } = lesson;
  if (!isWeight(weight)) return `its weight is ${weight}`;
  if (lesson.kind === 'text')
    return lesson.texts.length === lesson.rows.length ? undefined : 'it has not one text per row';
  const { rows, cols, data } = lesson.target;
  if (rows !== lesson.rows.length) return 'it has not one vector per row';
  for (let at = 0; at < rows * cols; at++)
    if (!(Math.abs(data[at]) <= EXPLODED)) return `a coordinate of its vectors is ${data[at]}`;
  return undefined;
}

function faultOfPredictions(
  { candidates, target, weight, temperature }: PredictionLesson,
  batch: Batch,
): string | undefined {
  const cells = candidates.kind === 'shared' ? batch.size * candidates.items.length : candidates.items.length;
  if (target.length !== cells) return `it has ${target.length} probabilities for ${cells} candidates`;
  if (weight.length !== batch.size) return `it has ${weight.length} weights for ${batch.size} rows`;
  if (!(temperature > 0 && temperature <= EXPLODED)) return `its temperature is ${temperature}`;
  const wrongWeight = weight.find((one) => !isWeight(one));
  if (wrongWeight !== undefined) return `a weight is ${wrongWeight}`;
  // A sum would be faster and cannot tell −1 + 2 from 1.
  for (let at = 0; at < cells; at++)
    if (!(target[at] >= 0 && target[at] <= 1.001)) return `a probability is ${target[at]}`;
  return undefined;
}

const isWeight = (value: number): boolean => value >= 0 && value <= EXPLODED;
