import { describe, expect, it } from 'vitest';
import { bits, codeThrown, frozen } from '../assertions.ts';
import { LATE_ITEMS } from '../fixtures/tiny-events.ts';
import type { Subject } from './participant-conformance.ts';
import { days } from './stage.ts';

/** Thrown by a participant that gives representations of the other side only. */
export const ONE_SIDE = 'TANDEM_COMPOSE_MISSING_CAPABILITY';

/** Whose vectors may be asked for, and where in the model they are read. */
const VECTORS = (['item', 'user'] as const).flatMap((side) => [[side, 'top'] as const, [side, 'input'] as const]);

/** What it declares to give, it gives. */
export function knowledgeChecks({ declared: { gives, tables }, open }: Subject): void {
  describe('knowledge', () => {
    it('of parameters is in tables it brings', ({ skip }) => {
      skip(!gives.includes('parameters'), 'it does not give parameters');
      expect(tables.length, 'it declares to give parameters: then it brings at least one table').toBeGreaterThan(0);
    });

    it('tables have names of their own and a width', () => {
      const names = tables.map(({ name }) => name);
      expect(new Set(names).size, `tables have different names: ${names.join(', ')}`).toBe(names.length);
      for (const { name, dim, initialStd } of tables) {
        expect(Number.isInteger(dim) && dim > 0, `table ${name}: dim is a positive whole number, not ${dim}`).toBe(
          true,
        );
        expect(initialStd >= 0, `table ${name}: initialStd is at least 0`).toBe(true);
      }
    });

    it('of representations is about users or items', async ({ skip }) => {
      skip(!gives.includes('representations'), 'it does not give representations');
      const stage = await open();
      await stage.live(days(0, 1));
      const refused = await Promise.all(
        (['item', 'user'] as const).map((side) =>
          codeThrown(() => stage.participant.represent!(side, Int32Array.of(0))),
        ),
      );
      expect(
        refused,
        `it declares to give representations: then of items or of users; it may refuse one side with ${ONE_SIDE}`,
      ).toContain(undefined);
    });

    for (const [side, layer] of VECTORS)
      it(`of ${side}s as representations (${layer}) is a finite vector each`, async ({ skip }) => {
        skip(!gives.includes('representations'), 'it does not give representations');
        const stage = await open();
        expect(stage.participant.represent, 'it declares to give representations: then it has represent()').toBeTypeOf(
          'function',
        );
        await stage.live(days(0, 3));
        stage.world.addItems(LATE_ITEMS);
        skip(
          (await codeThrown(() => stage.participant.represent!(side, Int32Array.of(0), layer))) === ONE_SIDE,
          `it has no vectors of ${side}s`,
        );
        const rows = (side === 'item' ? stage.world.allItems : stage.world.allUsers).toReversed();
        const state = frozen(await stage.participant.save());
        const { rows: count, cols, data } = await stage.participant.represent!(side, rows, layer);
        const vectors = data.slice(0, count * cols);
        expect(count, 'represent gives one row per row asked for').toBe(rows.length);
        expect(cols, 'representations have a width').toBeGreaterThan(0);
        expect(data.length, 'a matrix has at least rows × cols elements').toBeGreaterThanOrEqual(count * cols);
        expect(vectors.every(Number.isFinite), 'representations are finite').toBe(true);
        const one = await stage.participant.represent!(side, rows.slice(2, 3), layer);
        expect([one.rows, one.cols], 'the width does not depend on who is asked about').toEqual([1, cols]);
        for (let d = 0; d < cols; d++)
          expect(one.data[d], 'a vector does not depend on who else is asked about').toBeCloseTo(
            vectors[2 * cols + d],
            3,
          );
        expect(
          (await stage.participant.represent!(side, new Int32Array(0), layer)).rows,
          'nobody asked about: no rows',
        ).toBe(0);
        const again = await stage.participant.represent!(side, rows, layer);
        expect(bits(again.data.slice(0, count * cols)), 'represent gives the same bits when asked again').toEqual(
          bits(vectors),
        );
        expect(frozen(await stage.participant.save()), 'represent must not change the state').toEqual(state);
      });

    it('of text is words about whatever one asks', async ({ skip }) => {
      skip(!gives.includes('text'), 'it does not give text');
      const stage = await open();
      expect(stage.participant.describe, 'it declares to give text: then it has describe()').toBeTypeOf('function');
      await stage.live(days(0, 2));
      for (const row of stage.world.allItems)
        expect(await stage.participant.describe!({ side: 'item', row }), `words about item ${row}`).toBeTypeOf(
          'string',
        );
      for (const history of [new Int32Array(0), Int32Array.of(3, 1, 2)])
        expect(
          (await stage.participant.describe!({ side: 'user', row: 0, history })).length,
          'words about a user',
        ).toBeGreaterThan(0);
    });
  });
}
