import {
  EMPTY_STATE,
  type Candidates,
  type ParticipantPart,
  type Plan,
  type PredictionLesson,
  type RepresentationLesson,
  type Role,
  type UserContexts,
} from '@tandem-rec/contract';
import { testEnvironment, TinyWorld } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { mutual } from './mutual.ts';

/** `salt` makes the opinions of a participant its own. */
const seat = (
  name: string,
  role: Role,
  salt: number,
  takes: readonly string[] = ['predictions', 'representations'],
) => ({
  part: {
    kind: `${role}-model`,
    role,
    name,
    id: `test#${name}`,
    gives: ['parameters', 'predictions', 'representations'],
    takes,
    tables: [],
  } as unknown as ParticipantPart,
  instance: {
    attach() {},
    predict: async ({ size }: UserContexts, { items }: Candidates) =>
      Float32Array.from({ length: size * items.length }, (_, i) => Math.sin(salt * (i + 1))),
    represent: async (_: unknown, rows: Int32Array) => ({
      rows: rows.length,
      cols: 2,
      data: Float32Array.from([...rows].flatMap((row) => [Math.sin(salt * (row + 1)), salt])),
    }),
    save: () => EMPTY_STATE,
    load() {},
  },
});

const seats = () => [
  seat('a', 'domain', 1),
  seat('b', 'domain', 2),
  seat('deaf', 'domain', 3, []),
  seat('words', 'language', 4),
];

async function plansOf(options: Parameters<typeof mutual>[0], batches = 1): Promise<readonly Plan[]> {
  const world = new TinyWorld(seats());
  const strategy = await mutual.definition.create(mutual.definition.options.parse(options), testEnvironment());
  const plans: Plan[] = [];
  for (let k = 0; k < batches; k++) {
    const batch = world.meet([
      ['u', 'i'],
      ['v', 'j'],
      ['u', 'k'],
    ]);
    plans.push(await strategy.exchange(batch, world.module.bridge));
    world.count(batch);
  }
  return plans;
}
const saying = ({ lessons }: Plan): readonly string[] =>
  lessons.map(({ kind, from, to }) => `${kind}: ${from} → ${to}`);
const lessonsOf = async (options: Parameters<typeof mutual>[0]): Promise<readonly PredictionLesson[]> =>
  (await plansOf({ ...options, states: { weight: 0 } }))[0].lessons as readonly PredictionLesson[];

describe('mutual', () => {
  it('lets each domain model and each language model teach each other everything, in the same step', async () => {
    const lessons = await lessonsOf({ weight: 0.5, temperature: 2 });
    expect(lessons.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      'a → words',
      'words → a',
      'b → words',
      'words → b',
    ]);
    for (const { weight, temperature, candidates, target } of lessons) {
      expect([[...weight], temperature, [...candidates.items]]).toEqual([[0.5, 0.5, 0.5], 2, [0, 1, 2]]);
      for (let row = 0; row < 3; row++)
        expect(target.subarray(row * 3, row * 3 + 3).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
    expect(lessons[1].target).toEqual(lessons[3].target);
    expect(lessons[0].target).not.toEqual(lessons[2].target);
  });

  it('teaches nothing at weight 0', async () => {
    expect(await lessonsOf({ weight: 0 })).toEqual([]);
  });

  it('teaches no predictions that were not measured, where it has a guard', async () => {
    expect(await lessonsOf({ guard: { on: true } })).toEqual([]);
  });

  it('brings the rows of users and items near the states that the language side has of them', async () => {
    const states = { weight: 0.3, translation: { on: false } };
    const [plan] = await plansOf({ weight: 0, states, schedule: { warmUpEvents: 0 } });
    expect(saying(plan)).toEqual(['a', 'b', 'a', 'b'].map((name) => `representations: words → ${name}`));
    const [items, , users] = plan.lessons as readonly RepresentationLesson[];
    expect([items, users].map(({ side, rows, weight }) => [side, [...rows], weight])).toEqual([
      ['item', [0, 1, 2], 0.3],
      ['user', [0, 1], 0.3],
    ]);
    expect([...items.target.data].filter((_, at) => at % 2 === 1)).toEqual([4, 4, 4]);
  });

  it('lets the sides learn in turn where that is asked for; who takes no part learns as ever', async () => {
    const plans = await plansOf({ states: { translation: { on: false } }, schedule: { learners: 'alternating' } }, 3);
    expect(plans.map(({ learners }) => learners)).toEqual([
      ['a', 'b', 'deaf'],
      ['deaf', 'words'],
      ['a', 'b', 'deaf'],
    ]);
    expect(saying(plans[1])).toEqual(['predictions: a → words', 'predictions: b → words']);
    expect(saying(plans[2])).toEqual([
      'predictions: words → a',
      'predictions: words → b',
      ...['a', 'b', 'a', 'b'].map((name) => `representations: words → ${name}`),
    ]);
  });

  it('opens the rows that both sides train, those of users where asked for', () => {
    const { definition } = mutual;
    const granted = (given: Parameters<typeof mutual>[0]): unknown => {
      const parsed = definition.options.parse(given);
      return typeof definition.grants === 'function' ? definition.grants(parsed) : definition.grants;
    };
    expect(granted({})).toEqual([
      { of: 'domain', table: 'item', access: 'train' },
      { of: 'domain', table: 'user', access: 'train' },
    ]);
    expect(granted({ users: false })).toEqual([{ of: 'domain', table: 'item', access: 'train' }]);
  });
});
