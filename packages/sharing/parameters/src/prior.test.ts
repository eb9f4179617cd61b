import { describe, expect, it } from 'vitest';
import { DIM, Stage, vectorOf } from '../test/stage.ts';
import { prior } from './prior.ts';

const SETTINGS = { strength: 0.4, everyBatches: 1, minCount: 1, minItems: 8, ridge: 1e-5 } as const;
const truth = (item: number): readonly number[] => vectorOf(item).slice(0, DIM);

/** Twelve items that were met once, with rows that follow from their texts, and a map that was fitted to them. */
async function fitted(options: Parameters<typeof prior>[0] = {}, text = vectorOf): Promise<Stage> {
  const stage = await Stage.open(prior({ ...SETTINGS, ...options }), text);
  await stage.arrive(13);
  await stage.live(Array.from({ length: 12 }, (_, k) => ['u', `i${k}`] as const));
  for (let item = 0; item < 12; item++) stage.assign(item, truth(item));
  await stage.strategy.exchange(stage.world.meet([]), stage.world.module.bridge);
  return stage;
}

/** How far of the way to its text a row goes that a step touched. */
async function pulled(stage: Stage, item: number, meetings = 0): Promise<number> {
  for (let k = 0; k < meetings; k++) stage.world.count(stage.world.meet([['v', `i${item}`]]));
  stage.assign(
    item,
    truth(item).map((value) => value + 1),
  );
  stage.step([item]);
  const [way] = truth(item).map((value, d) => value + 1 - stage.row(item)[d]);
  return way;
}

describe('prior', () => {
  it.each([
    [{}, 0, 0.4 / 2],
    [{}, 3, 0.4 / 5],
    [{ fade: 2 }, 3, 0.4 / 25],
    [{ fade: 0 }, 3, 0.4],
    [{ strength: 3 }, 0, 0.5],
    [{ untilCount: 4 }, 2, 0.4 / 4],
    [{ untilCount: 4 }, 3, 0],
    [{ strength: 0 }, 0, 0],
  ] as const)('%j pulls the row of an item met once and then %d times by %d', async (options, meetings, expected) => {
    expect(await pulled(await fitted(options), 5, meetings)).toBeCloseTo(expected, 2);
  });

  it('leaves the births of rows to the table', async () => {
    const [stage, alone] = [await fitted(), await Stage.open(prior({ strength: 0 }))];
    await alone.arrive(14);
    await stage.arrive(1);
    for (const item of [12, 13]) expect(stage.row(item)).toEqual(alone.row(item));
  });

  it('pulls rows that came later too, toward what the map that is there makes of their texts', async () => {
    const stage = await fitted();
    await stage.arrive(1);
    expect(await pulled(stage, 13)).toBeCloseTo(0.4, 2);
  });

  it('is heard when its schedule says so, as loud as it says', async () => {
    const schedule = { fromEvents: 12, warmUpEvents: 40 };
    const stage = await fitted({ schedule });
    expect(await pulled(stage, 5), '0 of 40 events').toBeCloseTo(0, 6);
    stage.assign(5, truth(5));
    await stage.live(Array.from({ length: 20 }, () => ['w', 'i0'] as const));
    await stage.live([['w', 'i0']]);
    // The table asks after the step of that batch: 20 of 40 events.
    expect(await pulled(stage, 5)).toBeCloseTo(0.2 / 2, 2);
    expect(await pulled(await fitted({ schedule: { learners: 'language' } }), 5)).toBeCloseTo(0, 6);
  });

  it('says nothing where texts were permuted', async () => {
    const stage = await fitted({}, (row) => vectorOf((row * 5 + 2) % 12));
    const gap = (item: number): number => {
      stage.assign(item, truth(item));
      stage.step([item]);
      return Math.hypot(...truth(item).map((value, d) => value - stage.row(item)[d]));
    };
    const honest = await fitted();
    honest.step([3]);
    expect(Math.hypot(...truth(3).map((value, d) => value - honest.row(3)[d]))).toBeLessThan(0.01);
    expect(gap(3), 'pulled away from where its own text would have it').toBeGreaterThan(0.1);
  });
});
