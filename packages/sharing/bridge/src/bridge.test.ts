import type { Lesson, PredictionLesson } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { Stage, vectorOf, type Opinion } from '../test/stage.ts';
import { bridge } from './bridge.ts';
import type { BridgeOptions } from './options.ts';

const meet = (stage: Stage, count: number, items = 10) =>
  stage.world.meet(Array.from({ length: count }, (_, k) => [`u${k}`, `i${k % items}`] as const));
const weightsOf = (lessons: readonly Lesson[]): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(
    lessons.map((lesson) => [`${lesson.from} → ${lesson.to}`, [...(lesson as PredictionLesson).weight]]),
  );

describe('bridge, predictions', () => {
  /** Knows that users meet the item of their own number, up to some user. */
  const knows =
    (from: number, to: number): Opinion =>
    (user, item) =>
      item === user % 10 && user >= from && user < to ? 3 : 0;

  it('teach only where the teacher knows better, twice as loud as asked for', async () => {
    const stage = await Stage.open({ predictions: { to: 'both', afterEvents: 0, weight: 0.7 } });
    Object.assign(stage.believes, { domain: knows(0, 4), language: knows(3, 6) });
    const { lessons } = await stage.exchange(meet(stage, 8));
    const loud = Math.fround(1.4);
    expect(weightsOf(lessons)).toEqual({
      'words → rows': [0, 0, 0, 0, loud, loud, 0, 0],
      'rows → words': [loud, loud, loud, 0, 0, 0, 0, 0],
    });
    for (const lesson of lessons as PredictionLesson[]) {
      const width = 8;
      for (let row = 0; row < 8; row++) {
        const mass = lesson.target.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value, 0);
        expect(mass).toBeCloseTo(lesson.weight[row] > 0 ? 1 : 0, 5);
      }
    }
  });

  it.each([
    ['both', ['words → rows', 'rows → words']],
    ['domain', ['words → rows']],
    ['language', ['rows → words']],
    ['none', []],
  ] as const)('go to %s where that is asked for', async (to, expected) => {
    const stage = await Stage.open({ predictions: { to, afterEvents: 0 } });
    Object.assign(stage.believes, { domain: knows(0, 4), language: knows(3, 6) });
    expect(Object.keys(weightsOf((await stage.exchange(meet(stage, 8))).lessons))).toEqual(expected);
  });

  it('go to the language side alone where the domain model takes none', async () => {
    const stage = await Stage.open({ predictions: { afterEvents: 0 } }, ['parameters']);
    Object.assign(stage.believes, { domain: knows(0, 4), language: knows(3, 6) });
    expect(Object.keys(weightsOf((await stage.exchange(meet(stage, 8))).lessons))).toEqual(['rows → words']);
  });

  it('begin when somebody may know something', async () => {
    const stage = await Stage.open({ predictions: { to: 'both', afterEvents: 20 } });
    Object.assign(stage.believes, { domain: knows(0, 4), language: knows(3, 6) });
    const counts: number[] = [];
    for (let k = 0; k < 4; k++) counts.push((await stage.exchange(meet(stage, 8))).lessons.length);
    expect(counts).toEqual([0, 0, 0, 2]);
  });

  /** Lives through batches of users that meet the item of their number; answers the lessons of the last. */
  const live = async (stage: Stage, batches: number) => {
    let lessons: readonly Lesson[] = [];
    for (let k = 0; k < batches; k++) {
      const batch = meet(stage, 10);
      stage.observe(batch, 0, 0);
      ({ lessons } = await stage.exchange(batch));
    }
    return Object.keys(weightsOf(lessons));
  };

  it('are heard from the teacher that was measured to know something, and not from the one that misleads', async () => {
    const stage = await Stage.open({ predictions: { to: 'both', afterEvents: 0 }, guard: {} });
    // Each knows one half of the users, so that the gate alone lets both speak; the language side takes the other half for others.
    const misled: Opinion = (user, item) => (user < 2 ? knows(0, 2)(user, item) : item === (user + 3) % 10 ? 0.5 : 0);
    Object.assign(stage.believes, { domain: knows(1, 10), language: misled });
    expect(await live(stage, 2), 'at first nobody is heard').toEqual([]);
    expect(await live(stage, 20)).toEqual(['rows → words']);
    expect(stage.strategy.explain?.()['guard']).toMatchObject({
      'rows → words, predictions': { weights: [1, 0, 0, 0] },
      'words → rows, predictions': { weights: [0, 0, 0, 0] },
    });
  });
});

describe('bridge, from text to rows', () => {
  const SETTINGS = { strength: 0.4, fade: 1, everyBatches: 1, minCount: 1, minItems: 8, ridge: 1e-5 } as const;
  const NONE = { to: 'none' } as const;
  /** Where the rows of known items lie: a linear map of their text vectors. */
  const truth = (row: number): readonly number[] => {
    const [a, b] = vectorOf(row);
    return [2 * a - b + 1, 0.5 * b];
  };

  /** Ten items that were met once, with rows that their texts explain, and a map that was fitted to them. */
  async function fitted(
    changes: Partial<Record<keyof typeof SETTINGS, number>> = {},
    from: BridgeOptions['births']['from'] = 'text',
  ): Promise<Stage> {
    const stage = await Stage.open({ births: { from }, prior: { ...SETTINGS, ...changes }, predictions: NONE });
    const batch = meet(stage, 10);
    stage.world.count(batch);
    for (let item = 0; item < 10; item++) stage.assign(item, truth(item));
    await stage.exchange(batch);
    return stage;
  }

  const near = (actual: readonly number[], expected: readonly number[], digits = 2): void =>
    actual.forEach((value, d) => expect(value).toBeCloseTo(expected[d], digits));

  it('bears items that nobody met where their text says, before they are ranked for the first time', async () => {
    const stage = await fitted();
    stage.world.addItems([{ id: 'new', text: { title: 'new' }, categories: [] }]);
    near(stage.row(10), [0, 0]);
    await stage.arrive(10);
    near(stage.row(10), truth(10));
    near(stage.row(4), truth(4));
  });

  it('moves rows that nobody met when the map changes, and leaves those that were met to their learning', async () => {
    const stage = await fitted();
    stage.world.addItems([{ id: 'new', text: { title: 'new' }, categories: [] }]);
    await stage.arrive(10);
    for (let item = 0; item < 10; item++)
      stage.assign(
        item,
        truth(item).map((value) => value + 5),
      );
    await stage.exchange(stage.world.meet([['u0', 'i3']]));
    near(
      stage.row(10),
      truth(10).map((value) => value + 5),
    );
    near(
      stage.row(4),
      truth(4).map((value) => value + 5),
      4,
    );
  });

  it('pulls a touched row the less the more often its item was met', async () => {
    for (const [fade, meetings] of [
      [1, 0],
      [1, 3],
      [2, 3],
      [0, 30],
    ] as const) {
      const stage = await fitted({ fade });
      for (let k = 0; k < meetings; k++) stage.world.count(stage.world.meet([['u', 'i3']]));
      const away = truth(3).map((value) => value + 1);
      stage.assign(3, away);
      stage.assign(5, away);
      stage.touch(3);
      // Met once in `fitted`, and then `meetings` times.
      const share = Math.min(0.5, SETTINGS.strength / (1 + meetings + 1) ** fade);
      near(
        stage.row(3),
        truth(3).map((value) => value + 1 - share),
      );
      near(stage.row(5), away, 5);
    }
  });

  it('pulls nothing before there is a map, at strength 0, or for items that came after it', async () => {
    const early = await Stage.open({ prior: SETTINGS, predictions: NONE });
    meet(early, 4);
    early.assign(1, [7, 7]);
    early.touch(1);
    expect(early.row(1)).toEqual([7, 7]);
    const off = await fitted({ strength: 0 });
    off.assign(1, [7, 7]);
    off.touch(1);
    expect(off.row(1)).toEqual([7, 7]);
    const stage = await fitted();
    stage.world.meet([['u', 'late']]);
    stage.assign(10, [7, 7]);
    stage.touch(10);
    expect(stage.row(10)).toEqual([7, 7]);
  });

  it('bears rows as the table does where that is asked for', async () => {
    const stage = await fitted({}, 'table');
    stage.world.addItems([{ id: 'new', text: {}, categories: [] }]);
    await stage.arrive(10);
    expect(stage.row(10)).toEqual([0, 0]);
  });

  it('bears rows at the components of their texts, once there are texts enough, and leaves them to learn', async () => {
    const stage = await fitted({ strength: 0, minCount: 2 });
    stage.world.addItems(
      Array.from({ length: 64 }, (_, k) => ({ id: `n${k}`, text: { title: `n${k}` }, categories: [] })),
    );
    await stage.arrive(10);
    const born = Array.from({ length: 64 }, (_, k) => stage.row(10 + k));
    for (const d of [0, 1]) {
      const mean = born.reduce((sum, row) => sum + row[d], 0) / 64;
      expect(mean).toBeCloseTo(0, 5);
      expect(Math.sqrt(born.reduce((sum, row) => sum + row[d] ** 2, 0) / 64), 'whitened').toBeGreaterThan(0.01);
    }
    near(stage.row(4), truth(4));
    stage.assign(20, [7, 7]);
    stage.touch(20);
    expect(stage.row(20)).toEqual([7, 7]);
  });

  it('waits for items enough to learn a map from', async () => {
    const stage = await fitted({ minCount: 2 });
    stage.world.addItems([{ id: 'new', text: {}, categories: [] }]);
    await stage.arrive(10);
    expect(stage.row(10)).toEqual([0, 0]);
  });
});

describe('bridge, what it asks for', () => {
  const { definition } = bridge;
  const asks = (options: Parameters<typeof bridge>[0]) => {
    const parsed = definition.options.parse(options);
    const of = <T>(value: T | ((options: typeof parsed) => T)): T =>
      typeof value === 'function' ? (value as (options: typeof parsed) => T)(parsed) : value;
    return { needs: of(definition.needs), grants: of(definition.grants ?? []) };
  };

  it('opens the item rows for reading where the language side is to have a token', () => {
    expect(asks({}).grants).toEqual([{ of: 'domain', table: 'item', access: 'read' }]);
    expect(asks({ token: false }).grants).toEqual([]);
    expect(asks({ token: false, predictions: { to: 'none' } }).needs).toEqual({
      domain: { gives: ['parameters'], takes: [] },
      language: { gives: ['representations'], takes: [] },
    });
  });

  it('needs takers of predictions only where they are taught', () => {
    expect(asks({ predictions: { to: 'domain' } }).needs).toEqual({
      domain: { gives: ['parameters', 'predictions'], takes: ['predictions'] },
      language: { gives: ['representations', 'predictions'], takes: ['parameters'] },
    });
    expect(asks({ predictions: { to: 'language' } }).needs.domain.takes).toEqual([]);
    expect(asks({}).needs).toEqual({
      domain: { gives: ['parameters', 'predictions'], takes: [] },
      language: { gives: ['representations', 'predictions'], takes: ['parameters', 'predictions'] },
    });
  });
});
