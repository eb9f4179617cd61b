import { Arena, SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';
import { bipartiteGraph } from './bipartite-graph.ts';
import { NgcfConvolution } from './ngcf-convolution.ts';
import { weightsOf } from './ngcf-layers.ts';
import { NgcfPropagation } from './ngcf-propagation.ts';
import { ngcf, type NgcfOptions } from './ngcf.ts';

const LISTS = [[0, 1, 2], [2, 3], [0, 4, 5, 6], [1, 5], [6], [0, 3, 6]];
const [USERS, ITEMS, NODES] = [LISTS.length, 8, LISTS.length + 8];
const DIM = 4;

const optionsOf = (changes: object): NgcfOptions =>
  ngcf({}).definition.options.parse({ dim: DIM, layers: 2, messageDropout: 0, ...changes }) as NgcfOptions;

function open(options: NgcfOptions) {
  const arena = new Arena();
  const rng = new SeededRng(3);
  const offsets = Int32Array.from([0, ...LISTS.map((_, user) => LISTS.slice(0, user + 1).flat().length)]);
  const graph = bipartiteGraph(arena, offsets, Int32Array.from(LISTS.flat()), ITEMS);
  const weights = Float32Array.from({ length: weightsOf(options) }, () => rng.normal() / 2);
  const width = (options.layers + 1) * DIM;
  const [E, F, dF, dE] = [DIM, width, width, DIM].map((columns) => arena.float32(NODES * columns));
  for (const array of [E, dF]) for (let i = 0; i < array.length; i++) array[i] = rng.normal();
  return {
    arena,
    graph,
    rng,
    weights,
    E,
    F,
    dF,
    dE,
    propagation: new NgcfPropagation(arena, graph, options, rng, weights),
  };
}

/** Equations 3 to 6, pair by pair in double precision; layers 1 … K of length one where asked. */
function reference(E: ArrayLike<number>, W: ArrayLike<number>, { layers, normalise }: NgcfOptions): number[] {
  const neighbours: number[][] = Array.from({ length: NODES }, () => []);
  for (const [user, list] of LISTS.entries())
    for (const item of list) {
      neighbours[user].push(USERS + item);
      neighbours[USERS + item].push(user);
    }
  const times = (row: readonly number[], k: number, second: 0 | 1): number[] =>
    Array.from({ length: DIM }, (_, to) =>
      row.reduce((sum, value, d) => sum + value * W[((2 * k + second) * DIM + d) * DIM + to], 0),
    );
  let rows = Array.from({ length: NODES }, (_, node) => Array.from({ length: DIM }, (__, d) => E[node * DIM + d]));
  const vectors = rows.map((row) => [...row]);
  for (let k = 0; k < layers; k++) {
    rows = rows.map((own, node) => {
      const sum = times(own, k, 0);
      for (const other of neighbours[node]) {
        const p = 1 / Math.sqrt(neighbours[node].length * neighbours[other].length);
        const same = times(rows[other], k, 0);
        const agreed = times(
          rows[other].map((value, d) => value * own[d]),
          k,
          1,
        );
        for (let d = 0; d < DIM; d++) sum[d] += p * (same[d] + agreed[d]);
      }
      return sum.map((value) => (value > 0 ? value : 0.2 * value));
    });
    for (const [node, row] of rows.entries()) {
      const length = normalise ? Math.hypot(...row) : 1;
      vectors[node].push(...row.map((value) => value / length));
    }
  }
  return vectors.flat();
}

/** Central differences of ⟨weight, f(x)⟩. */
function differences(
  x: Float32Array | Float64Array,
  weight: Float32Array,
  f: () => ArrayLike<number>,
  step: number,
): number[] {
  const at = (i: number, value: number): number => {
    const before = x[i];
    x[i] = value;
    const result = f();
    x[i] = before;
    return weight.reduce((sum, w, j) => sum + w * result[j], 0);
  };
  return Array.from(x, (value, i) => (at(i, value + step) - at(i, value - step)) / (2 * step));
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    if (!(Math.abs(actual[i] - value) < tolerance * (1 + Math.abs(value))))
      expect.fail(`element ${i} is ${actual[i]}, not ${value}`);
}

describe.each([true, false])('NgcfPropagation, layers of length one: %s', (normalise) => {
  const options = optionsOf({ normalise });

  it('is what the equations say of every pair', () => {
    const { propagation, E, F, weights } = open(options);
    propagation.forward(E, F);
    expectClose(F, reference(E, weights, options), 1e-5);
  });

  it('has the gradients of the equations', () => {
    const { propagation, E, F, dF, dE, weights } = open(options);
    propagation.forward(E, F);
    propagation.backward(dF, dE);
    const [x, W] = [Float64Array.from(E), Float64Array.from(weights)];
    const vectors = () => reference(x, W, options);
    expectClose(dE, differences(x, dF, vectors, 1e-6), 1e-4);
    expectClose(propagation.layers.dW, differences(W, dF, vectors, 1e-6), 1e-4);
  });
});

describe('NgcfPropagation', () => {
  it('goes back through what it dropped', () => {
    const { propagation, rng, E, F, dF, dE } = open(
      optionsOf({ messageDropout: 0.3, nodeDropout: 0.3, normalise: false }),
    );
    const position = rng.save();
    const vectors = (): Float32Array => {
      rng.load(position);
      propagation.forward(E, F, true);
      return F;
    };
    propagation.forward(E, F);
    const whole = F.slice();
    expect([...vectors()]).not.toEqual([...whole]);
    propagation.backward(dF, dE);
    expectClose(dE.slice(), differences(E, dF, vectors, 1e-3), 1e-2);
  });

  it('is born with W₁ near the identity where asked', () => {
    const options = optionsOf({ birth: 'identity' });
    const weights = new NgcfConvolution(options, new SeededRng(4)).save()[0].data as Float32Array;
    const born = new NgcfConvolution(optionsOf({}), new SeededRng(4)).save()[0].data as Float32Array;
    for (const [i, value] of weights.entries()) {
      const [row, column] = [Math.floor(i / DIM) % (2 * DIM), i % DIM];
      expect(value).toBeCloseTo((row === column ? 1 : 0) + born[i] / 10, 6);
    }
  });

  it('moves weights at a rate of their own', () => {
    const moved = (changes: object): number[] => {
      const { propagation, E, F, dF, dE, weights } = open(optionsOf({ learningRate: 0.1, ...changes }));
      const before = weights.slice();
      propagation.forward(E, F, true);
      propagation.backward(dF, dE);
      propagation.step(0.05, 0);
      return [...weights].map((value, i) => value - before[i]);
    };
    // The first step of Adam is as long as the rate.
    for (const [i, step] of moved({}).entries()) {
      expect(Math.abs(step)).toBeCloseTo(0.05, 4);
      expect(moved({ weightLearningRate: 0.02 })[i]).toBeCloseTo(step / 5, 4);
    }
  });

  it('is the same for single nodes of which it is known what their neighbours tell them', () => {
    const options = optionsOf({});
    const convolution = new NgcfConvolution(options, new SeededRng(4));
    const { arena, graph, E, F } = open(options);
    const propagation = convolution.over(arena, graph);
    propagation.forward(E, F);
    const nodes = convolution.nodes(arena, NODES);
    nodes.E.set(E);
    nodes.near.set(propagation.messages(E, F).near);
    nodes.forward();
    expectClose(nodes.F, [...F], 1e-5);
  });
});
