import {
  EMPTY_STATE,
  type Candidates,
  type ParticipantPart,
  type PredictionLesson,
  type Role,
  type UserContexts,
} from '@tandem-rec/contract';
import { testEnvironment, TinyWorld } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { mutual } from './mutual.ts';

/** `salt` makes the opinions of a participant its own. */
const seat = (name: string, role: Role, salt: number, takes: readonly string[] = ['predictions']) => ({
  part: {
    kind: `${role}-model`,
    role,
    name,
    id: `test#${name}`,
    gives: ['parameters', 'predictions'],
    takes,
    tables: [],
  } as unknown as ParticipantPart,
  instance: {
    attach() {},
    predict: async ({ size }: UserContexts, { items }: Candidates) =>
      Float32Array.from({ length: size * items.length }, (_, i) => Math.sin(salt * (i + 1))),
    save: () => EMPTY_STATE,
    load() {},
  },
});

async function lessonsOf(options: Parameters<typeof mutual>[0]): Promise<readonly PredictionLesson[]> {
  const world = new TinyWorld([
    seat('a', 'domain', 1),
    seat('b', 'domain', 2),
    seat('deaf', 'domain', 3, []),
    seat('words', 'language', 4),
  ]);
  const strategy = await mutual.definition.create(mutual.definition.options.parse(options), testEnvironment());
  const batch = world.meet([
    ['u', 'i'],
    ['v', 'j'],
    ['u', 'k'],
  ]);
  return (await strategy.exchange(batch, world.module.bridge)).lessons as readonly PredictionLesson[];
}

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
