import type { Needs } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { Stage, softmax } from '../test/stage.ts';
import { distil } from './distil.ts';

const LANGUAGE = { learners: 'language' } as const;
const DOMAIN = { learners: 'domain' } as const;
const close = (actual: Iterable<number>, expected: readonly number[], digits = 6): void => {
  const values = [...actual];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => expect(value, `at ${i}`).toBeCloseTo(expected[i], digits));
};

/** Users 0 and 1 meet items 0 and 1 of three. */
const ROWS = [
  [2, 0, 1],
  [0.5, 1, 0],
];
const WORDS = [
  [0, 1, 0],
  [0, 3, 0],
];
const OPINIONS = {
  rows: (user: number, item: number) => ROWS[user][item],
  words: (user: number, item: number) => WORDS[user][item],
};
async function staged(options: Parameters<typeof distil>[0]) {
  const stage = await Stage.open(options, OPINIONS);
  stage.world.addItems(['i0', 'i1', 'i2'].map((id) => ({ id, text: {}, categories: [] })));
  const batch = stage.world.meet([
    ['u0', 'i0'],
    ['u1', 'i1'],
  ]);
  return { stage, batch };
}
const exchanged = async (options: Parameters<typeof distil>[0]) => {
  const { stage, batch } = await staged(options);
  return stage.exchange(batch);
};

describe('rows', () => {
  const mass = (temperature: number) => ({
    rows: [softmax(ROWS[0], temperature)[0], softmax(ROWS[1], temperature)[1]],
    words: [softmax(WORDS[0], temperature)[0], softmax(WORDS[1], temperature)[1]],
  });

  it('are taught where the teacher knows their true item better, twice as loud', async () => {
    const lessons = await exchanged({ weight: 0.7 });
    expect(Object.keys(lessons)).toEqual(['words → rows', 'rows → words']);
    close(lessons['words → rows'].weight, [0, 1.4]);
    close(lessons['rows → words'].weight, [1.4, 0]);
    close(lessons['rows → words'].target, [...softmax(ROWS[0]), 0, 0, 0]);
  });

  it.each([1, 2.5])('are taught by the teacher’s share of the mass, T = %d', async (temperature) => {
    const { rows, words } = mass(temperature);
    const lessons = await exchanged({ rows: 'share', weight: 0.7, temperature });
    close(
      lessons['words → rows'].weight,
      words.map((t, row) => (1.4 * t) / (t + rows[row])),
    );
    const target = [...softmax(WORDS[0], temperature), ...softmax(WORDS[1], temperature)];
    close(lessons['words → rows'].target, target);
    expect(lessons['words → rows'].temperature).toBe(temperature);
  });

  it('are all taught alike where that is asked for', async () => {
    close((await exchanged({ rows: 'all', weight: 0.5 }))['rows → words'].weight, [0.5, 0.5]);
  });
});

describe('teacher', () => {
  it('residual: what it knows beyond popularity, on top of what the student believes', async () => {
    const { stage, batch } = await staged({ teacher: 'residual', rows: 'all', schedule: LANGUAGE });
    stage.world.statistics.itemCounts.set([3, 0, 7]);
    const popularity = [4, 1, 8];
    const q = [0, 1].flatMap((row) => softmax(ROWS[row].map((t, i) => t + WORDS[row][i] - Math.log(popularity[i]))));
    close((await stage.exchange(batch))['rows → words'].target, q);
  });

  it('residual: who knows popularity alone teaches the student itself', async () => {
    const counts = [3, 0, 7];
    const popular = (_: number, item: number): number => Math.log(counts[item] + 1);
    const stage = await Stage.open(
      { teacher: 'residual', rows: 'all', temperature: 2, schedule: LANGUAGE },
      { ...OPINIONS, rows: (user, item) => 2 * popular(user, item) },
    );
    const batch = stage.meet(2);
    stage.world.addItems([{ id: 'i2', text: {}, categories: [] }]);
    stage.world.statistics.itemCounts.set(counts);
    const own = WORDS.flatMap((scores) => softmax(scores, 2));
    close((await stage.exchange(batch))['rows → words'].target, own);
  });

  it('ensemble: everybody’s beliefs, those of who ranks better more, by the user’s past', async () => {
    const { stage, batch } = await staged({ teacher: 'ensemble', rows: 'all', schedule: LANGUAGE });
    const mixture = (g: readonly number[]) =>
      [0, 1].flatMap((row) => {
        const p = [softmax(ROWS[row]), softmax([0, 0, 0]), softmax(WORDS[row])];
        return [0, 1, 2].map((i) => p.reduce((sum, one, e) => sum + g[e] * one[i], 0));
      });
    close((await stage.exchange(batch))['rows → words'].target, mixture([1 / 3, 1 / 3, 1 / 3]));
    const places = { rows: Int32Array.of(0, -1), third: Int32Array.of(1, 0), words: Int32Array.of(3, 0) };
    stage.observe(batch, places);
    // r ∝ 1, 1/2, 1/4, one event: the second was not ranked by everybody.
    const g = [4 / 7, 2 / 7, 1 / 7].map((r) => 1 / 3 + (r - 1 / 3) / 1000);
    close((await stage.exchange(batch))['rows → words'].target, mixture(g), 7);
    const returning = stage.world.meet([
      ['u0', 'i1'],
      ['u1', 'i0'],
    ]);
    const later = (await stage.exchange(returning))['rows → words'].target;
    expect(later[1] + later[2], 'what a user with a past gets is not gated by one without').toBeCloseTo(1, 6);
    const p = [ROWS[0], [0, 0, 0], WORDS[0]].map((scores) => softmax(scores.slice(1))[0]);
    expect(later[1]).toBeCloseTo((p[0] + p[1] + p[2]) / 3, 6);
  });

  it('ensemble: follows who ranks better for good', async () => {
    const { stage, batch } = await staged({ teacher: 'ensemble', rows: 'all', schedule: LANGUAGE });
    const places = { rows: Int32Array.of(0, 0), third: Int32Array.of(5, 5), words: Int32Array.of(9, 9) };
    for (let k = 0; k < 5000; k++) stage.observe(batch, places);
    close(
      (await stage.exchange(batch))['rows → words'].target,
      ROWS.flatMap((scores) => softmax(scores)),
      2,
    );
  });
});

describe('target: ranking', () => {
  it('weighs the teacher’s best items by place, confidence and consistency', async () => {
    const target = { by: 'ranking', top: 2, position: 0.3, confidence: 0.5, consistency: 0.1 } as const;
    const lessons = await exchanged({ target, rows: 'all', schedule: DOMAIN });
    // The language side ranks 1, 0 (of equal scores the lower row first), the domain side 0, 2 and 1, 0.
    const places = softmax([-1, -2]);
    const weigh = (sure: readonly number[], common: readonly number[]): readonly number[] => {
      const w = [0, 1].map((r) => 0.3 * places[r] + 0.5 * sure[r] + 0.1 * common[r]);
      return w.map((one) => one / (w[0] + w[1]));
    };
    const [first, second] = [weigh(softmax([1, 0]), [0, 1]), weigh(softmax([3, 0]), [1, 1])];
    close(lessons['words → rows'].target, [first[1], first[0], 0, second[1], second[0], 0]);
  });
});

describe('who is taught', () => {
  const needsOf = (options: Parameters<typeof distil>[0]): { readonly domain: Needs; readonly language: Needs } => {
    const { needs, options: schema } = distil.definition;
    return (needs as (options: unknown) => { readonly domain: Needs; readonly language: Needs })(schema.parse(options));
  };

  it('are those who give and take predictions, on the side whose turn it is', async () => {
    const { stage, batch } = await staged({ rows: 'all', schedule: { learners: 'alternating' } });
    const turns = [];
    for (let k = 0; k < 3; k++) turns.push(Object.keys(await stage.exchange(batch)));
    expect(turns).toEqual([['words → rows'], ['rows → words'], ['words → rows']]);
  });

  it('must take predictions, the others need not', () => {
    expect(needsOf({}).domain.takes).toEqual(['predictions']);
    expect(needsOf({ schedule: LANGUAGE }).domain).toEqual({ gives: ['predictions'], takes: [] });
    expect(needsOf({ schedule: LANGUAGE }).language.takes).toEqual(['predictions']);
    expect(needsOf({ schedule: { ...LANGUAGE, phases: [{}, { learners: 'domain' }] } }).domain.takes).toEqual([
      'predictions',
    ]);
  });

  it('nobody, before somebody may know something', async () => {
    const stage = await Stage.open({ schedule: { fromEvents: 3 } }, OPINIONS);
    expect(await stage.exchange(stage.meet(2))).toEqual({});
  });
});

describe('the guard', () => {
  /** Users meet the item of their own number; the teacher knows that as well as said, the student prefers item 0. */
  async function taught(teacher: (user: number, item: number) => number) {
    const stage = await Stage.open(
      { rows: 'all', schedule: LANGUAGE, guard: { on: true } },
      { rows: teacher, words: (_, item) => (item === 0 ? 1 : 0) },
    );
    const batch = stage.meet(8);
    const counts: number[] = [];
    for (let k = 0; k < 20; k++) {
      stage.observe(batch, {});
      counts.push(Object.keys(await stage.exchange(batch)).length);
    }
    return { stage, counts };
  }

  it('lets a teacher be heard that was measured to help, and says so', async () => {
    const { stage, counts } = await taught((user, item) => (item === user ? 4 : 0));
    expect(counts.at(-1)).toBe(1);
    expect(stage.strategy.explain?.()).toMatchObject({
      guard: { 'rows → words, predictions': { weights: expect.arrayContaining([1]) } },
    });
  });

  it('does not let a teacher be heard that harms', async () => {
    const { counts } = await taught((user, item) => (item === user ? -4 : 0));
    expect(counts).toEqual(new Array(20).fill(0));
  });
});
