import type { Candidates, Scores } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { bits, expectClose, expectScores, frozen } from '../assertions.ts';
import { LATE_ITEMS } from '../fixtures/tiny-events.ts';
import { raggedCandidates } from '../fixtures/tiny-world.ts';
import type { Subject } from './participant-conformance.ts';
import { days, type Stage } from './stage.ts';

/** `predict`: right layout, finite, pure, and about the user and the items asked for only. */
export function predictionChecks({ open }: Subject): void {
  describe('predict', () => {
    it('knows what to say before anything was learned', async () => {
      const stage = await open();
      const { world } = stage;
      expectScores(
        await stage.opinions(undefined, world.contexts([-1])),
        world.items,
        'a user never met, nothing learned yet',
      );
      world.meet([['ada', 'apple']]);
      expectScores(await stage.opinions(), world.items, 'one user with one item of history, nothing learned yet');
    });

    it('gives a score for every user and item, in the layout of shared candidates', async () => {
      const stage = await lived(await open());
      const { world } = stage;
      expectScores(await stage.opinions(), world.users * world.items, 'everybody and everything');
      const some = Int32Array.of(world.items - 1, 0, 3);
      const all = await stage.opinions();
      const three = await stage.opinions({ kind: 'shared', items: some });
      expectScores(three, world.users * 3, 'three items');
      expectClose(
        three,
        picked(all, world.users, world.items, some),
        'a score must not depend on which other items are asked for, or in what order',
      );
      expectScores(await stage.opinions({ kind: 'shared', items: new Int32Array(0) }), 0, 'no items');
      expectScores(await stage.opinions(undefined, world.contexts([])), 0, 'no users');
    });

    it('gives the same scores for ragged candidates', async () => {
      const stage = await lived(await open());
      const { world } = stage;
      const lists = [...world.allUsers].map((user) =>
        world.allItems.filter((item) => (item * 7 + user) % 3 === 0).toReversed(),
      );
      lists[1] = new Int32Array(0);
      const shared = await stage.opinions();
      const ragged = await stage.opinions(raggedCandidates(lists));
      const expected = lists.flatMap((list, user) => [...list].map((item) => shared[user * world.items + item]));
      expectScores(ragged, expected.length, 'ragged lists, one of them empty');
      expectClose(ragged, Float32Array.from(expected), 'shared and ragged candidates must agree');
    });

    it('says the same about a user whoever else is asked about', async () => {
      const stage = await lived(await open());
      const { world } = stage;
      const together = await stage.opinions();
      for (const user of world.allUsers)
        expectClose(
          await stage.opinions(undefined, world.contexts([user])),
          together.subarray(user * world.items, (user + 1) * world.items),
          'a user asked about alone must get the same scores',
        );
    });

    it('says the same about a moment of a life whether it is asked about alone or with the moments before and after', async () => {
      const stage = await lived(await open());
      const { world } = stage;
      const moments = world.past();
      const together = await stage.opinions(undefined, moments);
      for (let row = 0; row < moments.size; row += 3)
        expectClose(
          await stage.opinions(undefined, world.past(Int32Array.of(row))),
          together.subarray(row * world.items, (row + 1) * world.items),
          'histories that continue each other must give the same scores as each alone',
        );
    });

    it('is pure', async () => {
      const stage = await lived(await open());
      const [state, rng] = [frozen(await stage.participant.save()), stage.rng.save()];
      const first = await stage.opinions();
      const requests: readonly Candidates[] = [
        { kind: 'shared', items: stage.world.allItems },
        raggedCandidates([...stage.world.allUsers].map(() => Int32Array.of(1, 2))),
      ];
      for (const request of requests) await stage.opinions(request);
      expect(bits(await stage.opinions()), 'predict must give the same bits when asked again').toEqual(bits(first));
      expect(frozen(await stage.participant.save()), 'predict must not change the state').toEqual(state);
      expect(stage.rng.save(), 'predict must not draw from the generator: it is part of the checkpoint').toEqual(rng);
    });

    it('bears empty and very long histories, users never met and items nobody met', async () => {
      const stage = await lived(await open());
      const { world } = stage;
      world.count(
        world.meet(Array.from({ length: 700 }, (_, i) => ['marathon', ['apple', 'iron', '漢字'][i % 3]] as const)),
      );
      world.addItems(LATE_ITEMS);
      const users = world.contexts([-1, ...world.allUsers]);
      expectScores(
        await stage.opinions(undefined, users),
        users.size * world.items,
        'a user never met, one with 700 events, and new items',
      );
    });

    it('sees text that changes', async () => {
      const stage = await lived(await open());
      const { world } = stage;
      world.addItems([{ id: 'apple', text: { title: 'Now something else entirely, of metal' }, categories: [] }]);
      expectScores(await stage.opinions(), world.users * world.items, 'after the text of an item changed');
    });

    it('bears texts that are empty, of 100 kB, or no valid Unicode', async () => {
      const stage = await lived(await open());
      const { world } = stage;
      const titles = ['', 'word '.repeat(20_000), '\ud800 lone \udc00'];
      world.addItems(titles.map((title, i) => ({ id: `odd ${i}`, text: { title }, categories: [] })));
      expectScores(await stage.opinions(), world.users * world.items, 'items with odd texts');
    });

    it('bears a world of one user and one item', async () => {
      const stage = await open({ items: [] });
      await stage.live([[['only', 'one']], [['only', 'one']], [['only', 'one']]]);
      expectScores(await stage.opinions(), 1, 'one user, one item');
    });

    it('bears users who all did the same', async () => {
      const stage = await open();
      await stage.live(
        Array.from({ length: 6 }, (_, day) =>
          ['a', 'b', 'c', 'd'].map((user) => [user, ['apple', 'iron'][day % 2]] as const),
        ),
      );
      expectScores(await stage.opinions(), stage.world.users * stage.world.items, 'users with identical histories');
    });
  });
}

async function lived(stage: Stage): Promise<Stage> {
  await stage.live(days(0, 3));
  return stage;
}

const picked = (scores: Scores, users: number, items: number, rows: Int32Array): Float32Array =>
  Float32Array.from(
    { length: users * rows.length },
    (_, at) => scores[Math.floor(at / rows.length) * items + rows[at % rows.length]],
  );
