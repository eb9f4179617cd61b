import {
  EMPTY_STATE,
  type Bridge,
  type Candidates,
  type Grant,
  type Knowledge,
  type Lesson,
  type Needs,
  type ParticipantPart,
  type Role,
  type SharingStrategy,
  type State,
  type UserContexts,
} from '@tandem-rec/contract';
import { testEnvironment, TinyWorld } from '@tandem-rec/testkit';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { pull, say, told } from '../test/fakes.ts';
import { combine } from './combine.ts';

/** How much better item 0, which everybody meets, is believed to be than others, by role. */
const knowing: Record<Role, number> = { domain: 0, language: 0 };
type Given = Parameters<typeof combine>[0];
const DIM = 2;
const { definition } = combine;
const parsed = (given: Given) => definition.options.parse(given);
const created = async (given: Given): Promise<SharingStrategy> => definition.create(parsed(given), testEnvironment());

function seat(name: string, role: Role, gives: readonly Knowledge[], takes: readonly Knowledge[]) {
  return {
    part: {
      kind: `${role}-model`,
      role,
      name,
      id: `test#${name}`,
      gives,
      takes,
      tables:
        role === 'domain'
          ? [{ name: 'item', side: 'item', dim: DIM, initialStd: 0, optimiser: { kind: 'sgd', learningRate: 1 } }]
          : [],
    } as unknown as ParticipantPart,
    instance: {
      attach() {},
      predict: async ({ size }: UserContexts, { items }: Candidates) =>
        Float32Array.from(
          { length: size * items.length },
          (_, at) => knowing[role] * (at % items.length === 0 ? 1 : 0),
        ),
      save: () => EMPTY_STATE,
      load() {},
    },
  };
}

/** A world with one strategy in it, and steps of batches with one event of user and item 0. */
async function living(given: Given) {
  const world = new TinyWorld([
    seat('rows', 'domain', ['parameters', 'predictions'], ['text', 'predictions']),
    seat('words', 'language', ['text'], ['predictions']),
  ]);
  await world.module.attach();
  const strategy = await created(given);
  await strategy.begin?.(world.module.bridge);
  const row = (item = 0): readonly number[] => {
    const into = new Float32Array(DIM);
    world.embeddings.table('rows/item').gather(Int32Array.of(item), into);
    return [...into];
  };
  const step = async (bridge: Bridge = world.module.bridge) => {
    const batch = world.meet([['u', 'i']]);
    const plan = await strategy.exchange(batch, bridge);
    // A step that touches the row and moves it by nothing of its own.
    const rowGradients = [{ table: 'rows/item', rows: Int32Array.of(0), values: new Float32Array(DIM) }];
    world.module.apply([{ name: 'rows', step: { losses: {}, rowGradients } }]);
    return plan;
  };
  return { world, strategy, row, step };
}

beforeEach(() => void told.splice(0));

describe('what strategies need', () => {
  it('is what any of them needs, by their options; a table is opened as wide as any of them asks', () => {
    const ask = (given: Given) => {
      const options = parsed(given);
      return {
        needs: (definition.needs as (o: unknown) => unknown)(options),
        grants: (definition.grants as (o: unknown) => readonly Grant[])(options),
      };
    };
    expect(ask({ strategies: [{ use: pull() }, { use: say({ both: true }) }] })).toEqual({
      needs: {
        domain: { gives: ['parameters', 'predictions'], takes: ['predictions', 'text'] },
        language: { gives: ['predictions', 'text'], takes: ['predictions'] },
      },
      grants: [{ of: 'domain', table: 'item', access: 'train' }],
    });
    expect(
      ask({ strategies: [{ use: combine({ strategies: [{ use: say() }] }) }, { use: pull(), weight: 0 }] }),
    ).toEqual({
      needs: { domain: { gives: [], takes: ['predictions', 'text'] }, language: { gives: ['text'], takes: [] } },
      grants: [{ of: 'domain', table: 'item', access: 'train' }],
    });
  });

  it('does not ask a side to take what the schedule never gives it', () => {
    const needs = definition.needs as (options: unknown) => { readonly domain: Needs; readonly language: Needs };
    const takes = (schedule: object) => {
      const { domain, language } = needs(parsed({ strategies: [{ use: say({ both: true }), schedule }] }));
      return [domain.takes, language.takes];
    };
    expect(takes({ learners: 'language' })).toEqual([[], ['predictions']]);
    expect(takes({ learners: 'domain' })).toEqual([['predictions', 'text'], []]);
    expect(takes({ learners: 'domain', phases: [{}, { learners: 'both' }] })).toEqual([
      ['predictions', 'text'],
      ['predictions'],
    ]);
  });

  it('must have names that differ', () => {
    const { error } = definition.options.safeParse({ strategies: [{ use: pull() }, { use: pull() }] });
    expect(error?.issues).toMatchObject([
      { path: ['strategies', 1, 'use'], message: expect.stringContaining('"pull"') },
    ]);
  });
});

describe('lessons', () => {
  const weights = (lessons: readonly Lesson[]) =>
    lessons.map(({ kind, weight }) => [kind, typeof weight === 'number' ? weight : [...weight]]);

  it('are as loud as weight and schedule say', async () => {
    const { step } = await living({
      strategies: [
        { use: say({ both: true }), weight: 0.5 },
        { use: say({}, { as: 'later' }), schedule: { fromEvents: 1, warmUpEvents: 2, everyBatches: 1 } },
      ],
    });
    expect(weights((await step()).lessons)).toEqual([
      ['text', 1],
      ['predictions', [1.5]],
    ]);
    await step();
    expect(weights((await step()).lessons)).toEqual([
      ['text', 1],
      ['predictions', [1.5]],
      ['text', 1],
    ]);
    expect(weights((await step()).lessons).at(-1)).toEqual(['text', 2]);
  });

  it('go to the side whose turn it is', async () => {
    const { step } = await living({
      strategies: [{ use: say({ both: true }), schedule: { learners: 'alternating' } }],
    });
    const kinds = [];
    for (let k = 0; k < 3; k++) kinds.push((await step()).lessons.map(({ kind }) => kind));
    expect(kinds).toEqual([['text'], ['predictions'], ['text']]);
  });

  it('are learned by those whom every strategy lets learn', async () => {
    const plan = async (...learners: (string[] | undefined)[]) => {
      const strategies = learners.map((names, k) => ({
        use: say(names === undefined ? {} : { learners: names }, { as: `s${k}` }),
      }));
      return (await (await living({ strategies })).step()).learners;
    };
    expect(await plan(undefined, undefined)).toBeUndefined();
    expect(await plan(['rows'], undefined)).toEqual(['rows']);
    expect(await plan(['rows', 'words'], ['words'])).toEqual(['words']);
  });
});

describe('the guard of a strategy', () => {
  /** Lessons of predictions from the domain to the language side that were heard in 150 steps. */
  async function heard(domain: number, language: number): Promise<number> {
    Object.assign(knowing, { domain, language });
    const { world, strategy } = await living({ strategies: [{ use: say({ both: true }), guard: { on: true } }] });
    world.addItems([{ id: 'i' }, { id: 'j' }, { id: 'k' }].map(({ id }) => ({ id, text: {}, categories: [] })));
    let count = 0;
    for (let k = 0; k < 150; k++) {
      const batch = world.meet([[`u${k}`, 'i']]);
      strategy.observe?.({ batch, ranks: {} });
      const { lessons } = await strategy.exchange(batch, world.module.bridge);
      expect(lessons.filter(({ kind }) => kind === 'text')).toHaveLength(1);
      count += lessons.filter(({ kind }) => kind === 'predictions').length;
    }
    Object.assign(knowing, { domain: 0, language: 0 });
    return count;
  }

  it('lets predictions be heard once they were measured to help, and other lessons always', async () => {
    expect(await heard(4, -1)).toBeGreaterThan(40);
    expect(await heard(-4, 1)).toBe(0);
  });
});

describe('rows', () => {
  it('are pulled by one after the other, as often as they are said to and as hard', async () => {
    const pulls = fc.array(
      fc.record({
        toward: fc.double({ min: -3, max: 3, noNaN: true }),
        weight: fc.double({ min: 0, max: 1, noNaN: true }),
        loud: fc.double({ min: 0.01, max: 1.5, noNaN: true }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(pulls, async (all) => {
        const strategies = all.map(({ toward, weight, loud }, k) => ({
          use: pull({ toward, weight }, { as: `p${k}` }),
          weight: loud,
        }));
        const { row, step } = await living({ strategies });
        for (let k = 0; k < 2; k++) await step();
        let expected = 0;
        for (let k = 0; k < 2; k++)
          for (const { toward, weight, loud } of all) expected += Math.min(1, weight * loud) * (toward - expected);
        for (const value of row()) expect(value).toBeCloseTo(expected, 4);
      }),
      { numRuns: 40 },
    );
  });

  it('are not pulled out of turn', async () => {
    const { row, step } = await living({
      strategies: [
        { use: pull({ weight: 1 }), schedule: { fromEvents: 2 } },
        { use: pull({ toward: 9 }, { as: 'other' }), schedule: { learners: 'language' } },
      ],
    });
    const seen = [];
    for (let k = 0; k < 3; k++) {
      await step();
      seen.push(row()[0]);
    }
    expect(seen).toEqual([0, 0, 1]);
  });

  it('are born by the first that bears them', async () => {
    const { row, world } = await living({
      strategies: [
        { use: pull({ toward: 5, bears: true }, { as: 'nobody' }), weight: 0 },
        { use: pull({ toward: 1 }) },
        { use: pull({ toward: 2, bears: true }, { as: 'second' }) },
        { use: pull({ toward: 3, bears: true }, { as: 'third' }) },
      ],
    });
    world.addItems([{ id: 'new', text: {}, categories: [] }]);
    expect(row()).toEqual([2, 2]);
  });
});

describe('states', () => {
  const given: Given = {
    strategies: [{ use: pull() }, { use: pull({ toward: 3 }, { as: 'other' }), schedule: { everyBatches: 2 } }],
  };

  it('are kept apart, with the random streams that the engine does not know', async () => {
    const { strategy, step } = await living(given);
    for (let k = 0; k < 3; k++) await step();
    const state = await strategy.save();
    expect(state.arrays.map(({ name, data }) => [name, ...data])).toEqual([
      ['pull/batches', 3],
      ['other/batches', 2],
    ]);
    const drawn = (saved: State, name: string): unknown => (saved.values[name] as { own: unknown }).own;
    expect(drawn(state, 'pull')).not.toEqual(drawn(state, 'other'));
    const restarted = await living(given);
    await restarted.strategy.load(structuredClone(state));
    await step();
    await restarted.step();
    expect(await restarted.strategy.save()).toEqual(await strategy.save());
  });

  it('of another list are refused', async () => {
    const { strategy } = await living(given);
    const other = await living({ strategies: [{ use: pull() }] });
    await expect(strategy.load(await other.strategy.save())).rejects.toMatchObject({ code: 'TANDEM_STATE_MISMATCH' });
  });
});

it('hands on what was observed, and closes each once', async () => {
  const { strategy, world } = await living({ strategies: [{ use: pull() }, { use: say() }] });
  strategy.observe?.({ batch: world.meet([['u', 'i']]), ranks: {} });
  await strategy.close?.();
  await strategy.close?.();
  expect(told).toEqual(['under-test observes', 'close 1']);
});

it('closes those that are open where one cannot be created', async () => {
  const broken = created({ strategies: [{ use: pull({ toward: 7 }) }, { use: pull({ fails: true }, { as: 'b' }) }] });
  await expect(broken).rejects.toThrow('sunk');
  expect(told).toEqual(['close 7']);
});
