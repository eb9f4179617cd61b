import { Arena, SeededRng } from '@tandem-rec/compute';
import type { Batch, PredictionLesson } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { batchOf } from '@tandem-rec/testkit';
import { FismObjective, type StepInput } from './fism-objective.ts';
import { FismParameters } from './parameters.ts';
import { WorkingSet } from './working-set.ts';

const ITEMS = 12;
const SHAPE = { dim: 6, heads: 2, positions: 3 };
// Row 3 met its target before; the history of row 1 is longer than the positions; row 2 is new.
const BATCH = batchOf([
  [0, 1, [2, 3]],
  [1, 4, [5, 6, 7, 8, 0]],
  [2, 9, []],
  [0, 2, [2, 1, 2]],
]);

const arena = new Arena();
const rng = new SeededRng(3);
const random = (length: number, std: number) =>
  placed(
    arena.float32(length),
    Array.from({ length }, () => std * rng.normal()),
  );

describe('gradients agree with finite differences', () => {
  const all = Int32Array.from({ length: ITEMS }, (_, i) => i);
  const some = Int32Array.of(1, 4, 11, 9, 3);
  const ragged = { offsets: Int32Array.of(0, 3, 3, 7, 9), items: Int32Array.of(1, 10, 3, 9, 0, 1, 2, 5, 2) };
  const cases: readonly (readonly [string, boolean, readonly PredictionLesson[]])[] = [
    ['softmax over the catalogue', true, []],
    ['a lesson over the catalogue', true, [shared(all, 1)]],
    ['a lesson over the catalogue at a temperature', true, [shared(all, 2), shared(all, 0.7)]],
    ['a lesson about some items', true, [shared(some, 2)]],
    ['a lesson with a list for each row', true, [raggedLesson(ragged.offsets, ragged.items, 1.5)]],
    ['sampled softmax', false, []],
    ['sampled softmax and lessons', false, [shared(some, 1), raggedLesson(ragged.offsets, ragged.items, 2)]],
  ];
  for (const [name, whole, lessons] of cases)
    it(name, () => {
      const parameters = FismParameters.initial(arena, SHAPE, [1, 4], 0.3);
      for (let i = 0; i < parameters.vector.length; i++) parameters.vector[i] += 0.2 * rng.normal();
      const objective = new FismObjective(arena, parameters);
      const input = inputOf(BATCH, whole, lessons);
      const loss = () => {
        const { ranking, distillation } = objective.evaluate(input, lessons, true);
        return ranking + distillation;
      };
      const { distillation } = objective.evaluate(input, lessons, false);
      expect(distillation > 0).toBe(lessons.length > 0);

      const { gradient, dE, dBias, dh } = objective;
      const groups: readonly (readonly [string, Float32Array, Float32Array])[] = [
        ['h0', parameters.h0, gradient.h0.slice()],
        ['A', parameters.A, gradient.A.slice()],
        ['w', parameters.w, gradient.w.slice()],
        ['g', parameters.g, gradient.g.slice()],
        ['gamma', parameters.gamma, gradient.gamma.slice()],
        ['E', input.E, dE.slice(0, input.E.length)],
        ['bias', input.bias, dBias.slice(0, input.bias.length)],
        ['P', input.P, dh.slice(0, input.P.length)],
      ];
      for (const [group, values, analytic] of groups) {
        expect(Math.hypot(...analytic), group).toBeGreaterThan(0);
        for (let i = 0; i < values.length; i++) {
          const numeric = slope(values, i, loss);
          expect(Math.abs(numeric - analytic[i]), `${group}[${i}]: ${analytic[i]} or ${numeric}`).toBeLessThan(
            3e-4 + 0.02 * Math.abs(numeric),
          );
        }
      }
    });
});

it('a lesson that says what the student thinks costs nothing and moves nothing', () => {
  const parameters = FismParameters.initial(arena, SHAPE, [1, 4], 0.3);
  const objective = new FismObjective(arena, parameters);
  const batch = batchOf([[0, 1, []]]);
  const input = inputOf(batch, true, []);
  objective.evaluate(input, [], false);
  const before = objective.dE.slice();
  // The bias's gradient is p − onehot, for one row.
  const target = Float32Array.from({ length: ITEMS }, (_, i) => objective.dBias[i] + (i === 1 ? 1 : 0));
  const lesson = {
    ...shared(
      Int32Array.from({ length: ITEMS }, (_, i) => i),
      1,
    ),
    target,
    weight: Float32Array.of(5),
  };
  const { distillation } = objective.evaluate(input, [lesson], false);
  expect(Math.abs(distillation)).toBeLessThan(1e-5);
  for (const [i, value] of before.entries()) expect(objective.dE[i]).toBeCloseTo(value, 5);
});

function inputOf(batch: Batch, whole: boolean, lessons: readonly PredictionLesson[]): StepInput {
  const set = new WorkingSet();
  if (whole) set.selectAll(ITEMS);
  else {
    const itemCounts = Float32Array.from({ length: ITEMS }, (_, i) => i);
    set.sample(
      batch,
      ITEMS,
      4,
      { users: 3, items: ITEMS, interactions: 66, itemCounts, userCounts: new Float32Array(3) },
      rng,
    );
    set.include(batch, SHAPE.positions, lessons);
  }
  const offsets = arena.int32(batch.size + 1);
  const rows: number[] = [];
  for (let b = 0; b < batch.size; b++) {
    const { offsets: starts, items } = batch.history;
    for (const item of items.subarray(starts[b], Math.min(starts[b + 1], starts[b] + SHAPE.positions)))
      rows.push(set.local(item));
    offsets[b + 1] = rows.length;
  }
  return {
    batch,
    set,
    E: random(set.size * SHAPE.dim, 0.6),
    bias: random(set.size, 0.3),
    logPopularity: random(set.size, 0.7),
    P: random(batch.size * SHAPE.dim, 0.5),
    histories: { offsets, rows: placed(arena.int32(rows.length), rows) },
    maskHistory: true,
  };
}

function placed<T extends Float32Array | Int32Array>(array: T, values: readonly number[]): T {
  array.set(values);
  return array;
}

function slope(values: Float32Array, i: number, loss: () => number): number {
  const value = values[i];
  const step = 4e-3;
  values[i] = value + step;
  const [up, above] = [loss(), values[i]];
  values[i] = value - step;
  const [down, below] = [loss(), values[i]];
  values[i] = value;
  return (up - down) / (above - below);
}

function shared(items: Int32Array, temperature: number): PredictionLesson {
  const target = new Float32Array(BATCH.size * items.length);
  for (let b = 0; b < BATCH.size; b++) distribution(target.subarray(b * items.length, (b + 1) * items.length));
  return lesson({ kind: 'shared', items }, target, temperature);
}

function raggedLesson(offsets: Int32Array, items: Int32Array, temperature: number): PredictionLesson {
  const target = new Float32Array(items.length);
  for (let b = 0; b < BATCH.size; b++) distribution(target.subarray(offsets[b], offsets[b + 1]));
  return lesson({ kind: 'ragged', offsets, items }, target, temperature);
}

function lesson(
  candidates: PredictionLesson['candidates'],
  target: Float32Array,
  temperature: number,
): PredictionLesson {
  return {
    kind: 'predictions',
    from: 'teacher',
    to: 'fism',
    candidates,
    target,
    temperature,
    weight: Float32Array.of(1, 0.5, 2, 0),
  };
}

function distribution(row: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] = rng.next();
  for (let i = 0; i < row.length; i++) row[i] /= sum;
}
