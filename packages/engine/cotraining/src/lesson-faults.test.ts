import type { Batch, Lesson, PredictionLesson, RepresentationLesson, TextLesson } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { faultOf } from './lesson-faults.ts';

const batch = { size: 2 } as Batch;
const predictions: PredictionLesson = {
  kind: 'predictions',
  from: 'a',
  to: 'b',
  candidates: { kind: 'shared', items: Int32Array.of(0, 1) },
  target: Float32Array.of(0.25, 0.75, 0, 0),
  temperature: 1,
  weight: Float32Array.of(2, 0),
};
const representations: RepresentationLesson = {
  kind: 'representations',
  from: 'a',
  to: 'b',
  side: 'item',
  rows: Int32Array.of(3),
  target: { rows: 1, cols: 2, data: Float32Array.of(-1, 1) },
  loss: 'cosine',
  temperature: 1,
  weight: 1,
};
const text: TextLesson = {
  kind: 'text',
  from: 'a',
  to: 'b',
  side: 'item',
  rows: Int32Array.of(3),
  texts: ['x'],
  weight: 1,
};

describe('faults of lessons', () => {
  it('are none of those that can be learned from', () => {
    const ragged: Lesson = {
      ...predictions,
      candidates: { kind: 'ragged', offsets: Int32Array.of(0, 1, 3), items: Int32Array.of(5, 5, 6) },
      target: Float32Array.of(1, 0.5, 0.5),
    };
    for (const lesson of [predictions, ragged, representations, text]) expect(faultOf(lesson, batch)).toBeUndefined();
  });

  it.each<readonly [string, Lesson]>([
    ['a probability is NaN', { ...predictions, target: Float32Array.of(0.25, NaN, 0, 0) }],
    ['a probability is Infinity', { ...predictions, target: Float32Array.of(0, Infinity, 0, 0) }],
    ['a probability is -0.5', { ...predictions, target: Float32Array.of(0.5, -0.5, 0, 0) }],
    ['it has 3 probabilities for 4 candidates', { ...predictions, target: new Float32Array(3) }],
    ['a weight is NaN', { ...predictions, weight: Float32Array.of(1, NaN) }],
    ['a weight is -1', { ...predictions, weight: Float32Array.of(-1, 1) }],
    ['a weight is 10000000', { ...predictions, weight: Float32Array.of(1, 1e7) }],
    ['it has 1 weights for 2 rows', { ...predictions, weight: Float32Array.of(1) }],
    ['its temperature is 0', { ...predictions, temperature: 0 }],
    [
      'a coordinate of its vectors is NaN',
      { ...representations, target: { rows: 1, cols: 2, data: Float32Array.of(0, NaN) } },
    ],
    [
      'a coordinate of its vectors is 10000000',
      { ...representations, target: { rows: 1, cols: 2, data: Float32Array.of(1e7, 0) } },
    ],
    ['it has not one vector per row', { ...representations, rows: Int32Array.of(1, 2) }],
    ['its weight is NaN', { ...representations, weight: NaN }],
    ['its weight is Infinity', { ...text, weight: Infinity }],
    ['it has not one text per row', { ...text, texts: [] }],
  ])('%s', (fault, lesson) => {
    expect(faultOf(lesson, batch)).toBe(fault);
  });
});
