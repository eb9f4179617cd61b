import { SeededRng } from '@tandem-rec/compute';
import type { Batch } from '@tandem-rec/contract';
import { batchOf, testTables } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { deepfm } from './deepfm.ts';
import { denseWeights, initialise } from './dense-weights.ts';
import { CONTEXT_FIELDS, FeatureSpace, ITEM_FIELDS } from './feature-space.ts';
import { FieldValues } from './field-values.ts';
import { Machine } from './machine.ts';

const DIM = 3;
const ITEMS = Int32Array.of(2, 0, 4);
const CATEGORIES = [['a', 'b'], [], ['b'], [], ['c', 'a', 'd']];
/** Question, item (by place in ITEMS), class. */
const PAIRS = [
  [0, 0, 1],
  [0, 2, 0],
  [1, 1, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** A machine whose weights are all different from zero, over three questions. */
function setUp(hidden: readonly number[]) {
  const use = deepfm({ dim: DIM, initialStd: 0.5 });
  const { attachment } = testTables(use, 3, 5);
  const rng = new SeededRng(3, 'weights');
  for (const table of Object.values(attachment.own)) {
    const rows = Int32Array.from({ length: table.rows }, (_, row) => row);
    table.assign(
      rows,
      Float32Array.from({ length: rows.length * table.dim }, () => 0.5 * rng.normal()),
    );
  }
  const space = new FeatureSpace({ past: 2, categories: 4 });
  space.attach({
    ...attachment.catalogue,
    item: (row) => ({ id: `i${row}`, text: {}, categories: CATEGORIES[row] }),
  });
  space.admit(Int32Array.of(0, 2, 4));
  const shape = {
    commonRows: space.commonRows,
    dim: DIM,
    contextWidth: CONTEXT_FIELDS.length * DIM,
    itemWidth: ITEM_FIELDS.length * DIM,
    hidden,
  };
  const [weights, gradient] = [denseWeights(shape), denseWeights(shape)];
  initialise(weights, 0.5, rng);
  for (let i = 0; i < weights.vector.length; i++) weights.vector[i] += 0.1 * rng.normal();
  const batch: Batch = {
    ...batchOf([
      [0, 1, []],
      [2, 1, [3, 1, 0]],
      [-1, 1, [4]],
    ]),
    atMs: Float64Array.of(0, 1_704_067_200_000, 1_704_153_599_999),
  };
  const machine = new Machine(space, weights, gradient, DIM, attachment.own);
  const forward = (): Float32Array => {
    machine.pairs.begin();
    for (const [question, item] of PAIRS) machine.pairs.add(question, item);
    machine.pairs.end();
    machine.read(batch, ITEMS);
    machine.forward();
    return machine.pairs.logits.slice(0, PAIRS.length);
  };
  return { machine, space, weights, gradient, batch, own: attachment.own, forward };
}

type Scene = ReturnType<typeof setUp>;

/** The features of a pair as the papers have them, one list a field: value, linear weight, factors. */
function featuresOf({ space, weights, batch, own }: Scene, question: number, item: number) {
  const halves = [
    { fields: CONTEXT_FIELDS, values: new FieldValues(), e: question },
    { fields: ITEM_FIELDS, values: new FieldValues(), e: item },
  ];
  space.contexts(batch, halves[0].values);
  space.items(ITEMS, halves[1].values);
  return halves.flatMap(({ fields, values, e }) =>
    fields.map(({ bank }, f) => {
      const features: { readonly x: number; readonly w: number; readonly v: readonly number[] }[] = [];
      for (let i = values.offsets[e * fields.length + f]; i < values.offsets[e * fields.length + f + 1]; i++) {
        const row = values.rows[i];
        const [w, v] = [new Float32Array(1), new Float32Array(DIM)];
        if (bank === 'common') {
          w[0] = weights.w[row];
          v.set(weights.v.subarray(row * DIM, row * DIM + DIM));
        } else {
          own[`${bank}-weight`].gather(Int32Array.of(row), w);
          own[bank].gather(Int32Array.of(row), v);
        }
        features.push({ x: values.x[i], w: w[0], v: [...v] });
      }
      return features;
    }),
  );
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, d) => sum + x * b[d], 0);

/** Rendle's equation (1), every pair of features one by one, and Guo et al.'s (3) and (4), layer by layer. */
function reference(scene: Scene, question: number, item: number): number {
  const { w0, layers, out } = scene.weights;
  const fields = featuresOf(scene, question, item);
  const all = fields.flat();
  let y = w0[0] + all.reduce((sum, { x, w }) => sum + w * x, 0);
  for (let i = 0; i < all.length; i++)
    for (let j = i + 1; j < all.length; j++) y += dot(all[i].v, all[j].v) * all[i].x * all[j].x;
  if (layers.length === 0) return y;
  let a = fields.flatMap((features) =>
    Array.from({ length: DIM }, (_, d) => features.reduce((sum, { x, v }) => sum + v[d] * x, 0)),
  );
  for (const { to, W, b } of layers)
    a = Array.from({ length: to }, (_, h) =>
      Math.max(
        0,
        a.reduce((sum, value, i) => sum + value * W[i * to + h], b[h]),
      ),
    );
  return y + dot(a, [...out]);
}

const logLoss = (logits: Float32Array): number =>
  PAIRS.reduce((sum, [, , positive], p) => sum + Math.log1p(Math.exp(positive ? -logits[p] : logits[p])), 0);

describe.each([[[]], [[4]], [[5, 4, 3]]] as const)('with hidden layers %j', (hidden) => {
  it('scores pairs as the equations say', () => {
    const scene = setUp(hidden);
    const logits = scene.forward();
    PAIRS.forEach(([question, item], p) => expect(logits[p]).toBeCloseTo(reference(scene, question, item), 4));
  });

  it('scores the same block by block', () => {
    const { machine, forward } = setUp(hidden);
    const whole = forward();
    machine.forward(2);
    whole.forEach((logit, p) => expect(machine.pairs.logits[p]).toBeCloseTo(logit, 5));
  });

  it('has the gradient that differences show', () => {
    const { machine, weights, gradient, own, forward } = setUp(hidden);
    const logits = forward();
    PAIRS.forEach(([, , positive], p) => (machine.pairs.slopes[p] = 1 / (1 + Math.exp(-logits[p])) - positive));
    machine.backward(0, 0);
    const step = 1e-2;
    const slopeAlong = (set: (change: number) => void): number => {
      set(step);
      const above = logLoss(forward());
      set(-step);
      const below = logLoss(forward());
      set(0);
      return (above - below) / (2 * step);
    };
    const found = machine.rowGradients().map(({ table, rows, values }) => ({
      table: own[table.split('/')[1]],
      rows: rows.slice(),
      values: values.slice(),
    }));
    const dense = gradient.vector.slice();
    for (let i = 0; i < dense.length; i++) {
      const value = weights.vector[i];
      const slope = slopeAlong((change) => (weights.vector[i] = value + change));
      expect(dense[i], `dense weight ${i}`).toBeCloseTo(slope, 1.5);
    }
    for (const { table, rows, values } of found)
      rows.forEach((row, r) => {
        const held = new Float32Array(table.dim);
        table.gather(Int32Array.of(row), held);
        for (let d = 0; d < table.dim; d++) {
          const slope = slopeAlong((change) =>
            table.assign(
              Int32Array.of(row),
              held.map((value, at) => (at === d ? value + change : value)),
            ),
          );
          expect(values[r * table.dim + d], `${table.name} row ${row}`).toBeCloseTo(slope, 1.5);
        }
      });
  });
});

it('adds λ times every feature of the examples that are regularised, as often as it stands in one', () => {
  const { machine, weights, gradient, forward } = setUp([]);
  forward();
  machine.backward(0.1, 3);
  // Two of the first three examples are about items of category b.
  const rowOfB = weights.w.length - 4 + 1;
  expect(gradient.w[rowOfB]).toBeCloseTo(0.2 * weights.w[rowOfB], 6);
  expect(gradient.v[rowOfB * DIM]).toBeCloseTo(0.2 * weights.v[rowOfB * DIM], 6);
});
