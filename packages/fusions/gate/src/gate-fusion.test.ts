import { SeededRng } from '@tandem-rec/compute';
import type { Opinions, Statistics, UserContexts } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { AGES, ageOf } from './ages.ts';
import { GateFusion } from './gate-fusion.ts';

const ITEMS = 8;
const EXPERTS = [
  { name: 'old', role: 'domain' },
  { name: 'new', role: 'language' },
] as const;
// Four items nobody met, four classics.
const statistics: Statistics = {
  users: 100,
  items: ITEMS,
  interactions: 400,
  itemCounts: Float32Array.of(0, 0, 0, 0, 100, 100, 100, 100),
  userCounts: new Float32Array(100),
};

function started(q = 0): GateFusion {
  const gate = new GateFusion({ learningRate: 0.05, q, total: 1 });
  gate.attach(EXPERTS, statistics);
  return gate;
}

function contexts(positions: readonly number[]): UserContexts {
  const size = positions.length;
  return {
    size,
    users: new Int32Array(size),
    positions: Int32Array.from(positions),
    atMs: new Float64Array(size),
    history: { offsets: new Int32Array(size + 1), items: new Int32Array(0) },
  };
}

function opinions(positions: readonly number[], old: readonly number[], fresh: readonly number[]): Opinions {
  const [a, b] = [old, fresh].map((scores) => Float32Array.from(scores));
  return {
    users: contexts(positions),
    items: Int32Array.from({ length: ITEMS }, (_, i) => i),
    experts: [
      { ...EXPERTS[0], scores: a },
      { ...EXPERTS[1], scores: b },
    ],
  };
}

const logSoftmax = (scores: readonly number[]) => {
  const sum = Math.log(scores.reduce((total, score) => total + Math.exp(score), 0));
  return scores.map((score) => score - sum);
};

it('age groups are 0, 1–4, 5–19 and 20+', () => {
  expect(AGES).toEqual(['0', '1–4', '5–19', '20+']);
  expect([0, 1, 4, 5, 19, 20, 1e9].map(ageOf)).toEqual([0, 1, 1, 2, 2, 3, 3]);
});

describe('gate', () => {
  it('starts as an equal mix of log-softmaxes', () => {
    const [a, b] = [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [0, 0, 9, 0, 0, 1, 0, -5],
    ];
    const fused = started().fuse(opinions([3], a, b));
    const expected = logSoftmax(a).map((value, i) => (value + logSoftmax(b)[i]) / 2);
    for (let i = 0; i < ITEMS; i++) expect(fused[i]).toBeCloseTo(expected[i], 5);
  });

  it('excludes what all exclude, and gives no expert a veto', () => {
    const never = -Infinity;
    const fused = started().fuse(opinions([3], [0, 0, 0, never, 0, 0, 0, never], [0, 0, never, never, 0, 0, 0, 0]));
    expect([...fused].map((score) => score === never)).toEqual([false, false, false, true, false, false, false, false]);
    expect(fused[2]).toBeCloseTo((Math.log(1 / 6) - 30) / 2, 4);
  });

  it('learns who knows what about whom: the better expert gains weight for its items only', () => {
    const gate = started();
    const rng = new SeededRng(9);
    const noise = () => Array.from({ length: ITEMS }, () => rng.normal());
    for (let step = 0; step < 300; step++) {
      const target = rng.int(ITEMS);
      const [old, fresh] = [noise(), noise()];
      // `new` sees the items nobody met, `old` the classics.
      (target < 4 ? fresh : old)[target] += 3;
      gate.learn(opinions([7], old, fresh), Int32Array.of(target));
    }
    const table = gate.explain()['weightsByUserAgeThenItemAge'] as Record<
      string,
      Record<string, Record<string, number>>
    >;
    expect(table['5–19']['0']['new']).toBeGreaterThan(table['5–19']['0']['old'] + 0.2);
    expect(table['5–19']['20+']['old']).toBeGreaterThan(table['5–19']['20+']['new'] + 0.2);
    expect(table['0']['0']).toEqual({ old: 0.5, new: 0.5, bias: 0 });
  });

  it.each([0, 0.5, 1])('follows the gradient of the generalised cross-entropy of q = %d', (q) => {
    const rng = new SeededRng(3);
    const noise = () => Array.from({ length: 2 * ITEMS }, () => 2 * rng.normal());
    const said = opinions([0, 30], noise(), noise());
    const targets = Int32Array.of(2, 6);
    const gate = started(q);
    const state = structuredClone(gate.save());
    const parameters = state.arrays[0].data as Float32Array;
    const loss = () => {
      gate.load(state);
      const fused = gate.fuse(said);
      return [0, 1].reduce((sum, b) => {
        const row = [...fused.subarray(b * ITEMS, (b + 1) * ITEMS)];
        const log = logSoftmax(row)[targets[b]];
        return sum + (q === 0 ? -log : -Math.expm1(q * log) / q) / 2;
      }, 0);
    };
    gate.learn(said, targets);
    // After one step Adam's mean is a tenth of the gradient.
    const gradient = (structuredClone(gate.save()).arrays[1].data as Float32Array).map((mean) => mean * 10);
    expect(Math.hypot(...gradient)).toBeGreaterThan(0.1);
    for (let i = 0; i < parameters.length; i++) {
      const value = parameters[i];
      parameters[i] = value + 1e-2;
      const up = loss();
      parameters[i] = value - 1e-2;
      const down = loss();
      parameters[i] = value;
      expect(gradient[i]).toBeCloseTo((up - down) / 2e-2, 2);
    }
  });

  it('does not learn from rows whose true item is not among the candidates', () => {
    const gate = started();
    const before = structuredClone(gate.save());
    gate.learn(opinions([1], new Array(ITEMS).fill(0), new Array(ITEMS).fill(0)), Int32Array.of(-1));
    expect(gate.save()).toEqual(before);
  });

  it('continues bit for bit from a saved state, and refuses that of another table', () => {
    const rng = new SeededRng(1);
    const said = () =>
      opinions(
        [2],
        Array.from({ length: ITEMS }, () => rng.normal()),
        Array.from({ length: ITEMS }, () => rng.normal()),
      );
    const one = started();
    for (let step = 0; step < 20; step++) one.learn(said(), Int32Array.of(step % ITEMS));
    const other = started();
    other.load(structuredClone(one.save()));
    const last = said();
    for (const gate of [one, other]) gate.learn(last, Int32Array.of(5));
    expect(other.save()).toEqual(one.save());

    const stranger = new GateFusion({ learningRate: 0.05, q: 0, total: 1 });
    stranger.attach([EXPERTS[1], EXPERTS[0]], statistics);
    expect(() => stranger.load(one.save())).toThrow(/weighs old, new; at the table are new, old/);
  });
});
