import type { Batch, State } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { codeThrown, copied, expectScores } from '../assertions.ts';
import { interactionsOf } from '../fixtures/interactions-of.ts';
import { LATE_ITEMS } from '../fixtures/tiny-events.ts';
import type { Meeting } from '../fixtures/tiny-world.ts';
import type { Subject } from './participant-conformance.ts';
import { days, type Stage } from './stage.ts';

/** Numbers that no producer should send and some do. */
const BAD_NUMBERS: readonly (readonly [string, (batch: Batch) => Batch])[] = [
  ['values of NaN', (batch) => ({ ...batch, values: batch.values.slice().fill(NaN) })],
  ['infinite values', (batch) => ({ ...batch, values: batch.values.map((_, b) => (b % 2 ? -Infinity : Infinity)) })],
  ['values of 0 and less', (batch) => ({ ...batch, values: batch.values.map((_, b) => -(b % 3)) })],
  ['times of NaN', (batch) => ({ ...batch, atMs: batch.atMs.slice().fill(NaN) })],
  ['times that go back', (batch) => ({ ...batch, atMs: batch.atMs.toReversed() })],
];

/** Few or strange data: a coded error, or a model that goes on with finite scores. */
export function badInputChecks({ open }: Subject): void {
  describe('bad input to learn', () => {
    for (const [what, spoilt] of BAD_NUMBERS)
      it(`with ${what} is refused with a code, or borne`, async ({ skip }) => {
        const stage = await open();
        skip(!stage.participant.learn, 'it has no learn');
        await stage.live(days(0, 2));
        const batch = stage.world.meet(days(2, 1)[0]);
        await refusedOrBorne(() => stage.learn(spoilt(batch)), stage, what);
      });
  });

  describe('bad input to fit', () => {
    const worlds: readonly (readonly [string, readonly (readonly Meeting[])[], boolean])[] = [
      ['no users, no items and no events', [], false],
      ['items and no events', [], true],
      ['one user, one item and one event', [[['only', 'one']]], false],
      ['one user who met one item again and again', [Array.from({ length: 9 }, () => ['only', 'one'] as const)], false],
      ['one user who met everything', [['apple', 'iron', 'pear'].map((item) => ['only', item] as const)], false],
      [
        'users who all did the same',
        ['a', 'b', 'c', 'd'].map((user) => ['apple', 'iron'].map((item) => [user, item] as const)),
        true,
      ],
    ];
    for (const [what, meetings, catalogue] of worlds)
      it(`of ${what} is refused with a code, or borne`, async ({ skip }) => {
        const stage = await open(catalogue ? {} : { items: [] });
        skip(!stage.participant.fit, 'it has no fit');
        await refusedOrBorne(() => fit(stage, meetings), stage, what);
      });

    for (const [what, spoilt] of BAD_NUMBERS)
      it(`with ${what} is refused with a code, or borne`, async ({ skip }) => {
        const stage = await open();
        skip(!stage.participant.fit, 'it has no fit');
        await refusedOrBorne(() => fit(stage, days(0, 3), spoilt), stage, what);
      });

    it('leaves it able to judge items that were in no event, and users it never met', async ({ skip }) => {
      const stage = await open();
      skip(!stage.participant.fit, 'it has no fit');
      await fit(stage, days(0, 3));
      stage.world.addItems(LATE_ITEMS);
      const users = stage.world.contexts([-1, ...stage.world.allUsers]);
      expectScores(await stage.opinions(undefined, users), users.size * stage.world.items, 'items in no event');
    });
  });

  describe('a state of other dimensions', () => {
    it('is refused', async ({ skip }) => {
      const stage = await open();
      await stage.live(days(0, 2));
      const { participant } = await stage.save();
      const tables = participant.arrays.filter(({ shape, data }) => shape.length > 1 && data.length > 0);
      skip(tables.length === 0, 'its state has no rows of a width');
      for (const { name } of tables) {
        const { participant: fresh } = await open();
        expect(
          await codeThrown(() => fresh.load(widened(participant, name))),
          `load must throw TANDEM_STATE_MISMATCH where rows of ${name} are wider than the options say`,
        ).toBe('TANDEM_STATE_MISMATCH');
      }
    });
  });
}

/** Fails unless it was refused with a code of ours; whether or not, scores stay finite. */
async function refusedOrBorne(act: () => Promise<void | unknown>, stage: Stage, what: string): Promise<void> {
  const code = await codeThrown(act);
  if (code !== undefined)
    expect(code, `${what}: what is not borne is refused with a code that users can look up`).toMatch(/^TANDEM_/);
  const users = stage.world.contexts([-1, ...stage.world.allUsers]);
  expectScores(await stage.opinions(undefined, users), users.size * stage.world.items, what);
}

async function fit(
  { world, participant }: Stage,
  meetings: readonly (readonly Meeting[])[],
  change?: (batch: Batch) => Batch,
): Promise<void> {
  for (const day of meetings) world.count(world.meet(day));
  await participant.fit!(interactionsOf(world, change), {
    signal: new AbortController().signal,
    epochs: 2,
    epoch: async () => ({ stop: false }),
  });
}

/** The state with one column more in one array, as a model with another width would have saved it. */
function widened(state: State, name: string): State {
  const copy = copied(state);
  const arrays = copy.arrays.map((array) => {
    if (array.name !== name) return array;
    const cols = array.shape.at(-1)!;
    const rows = array.data.length / cols;
    const data = new (array.data.constructor as new (length: number) => typeof array.data)(rows * (cols + 1));
    return { ...array, shape: [...array.shape.slice(0, -1), cols + 1], data };
  });
  return { ...copy, arrays };
}
