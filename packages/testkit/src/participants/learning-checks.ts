import { describe, expect, it } from 'vitest';
import { bits, expectScores, frozen } from '../assertions.ts';
import { interactionsOf } from '../fixtures/interactions-of.ts';
import { LATE_ITEMS } from '../fixtures/tiny-events.ts';
import type { Subject } from './participant-conformance.ts';
import { days } from './stage.ts';

/** `learn` and `fit`. */
export function learningChecks({ declared, steps, rateless, open }: Subject): void {
  describe('learn', () => {
    it('is there if anything can be taught', async () => {
      const { participant } = await open();
      const taught = declared.takes.filter((knowledge) => knowledge !== 'parameters');
      if (taught.length > 0)
        expect(participant.learn, `it declares to take ${taught.join(', ')}: lessons come through learn()`).toBeTypeOf(
          'function',
        );
      expect(
        participant.learn ?? participant.fit ?? participant.predict,
        'a participant has at least predict',
      ).toBeTypeOf('function');
    });

    it('lowers the loss of what it is shown again and again', async ({ skip }) => {
      const stage = await open();
      skip(!stage.participant.learn, 'it has no learn');
      const batch = stage.world.meet(days(0, 2).flat());
      const replay = stage.world.replayOf(batch);
      const before = await stage.loss(replay);
      skip(before === undefined, 'it reports no loss');
      await stage.learn(batch);
      for (let step = 1; step < steps; step++) await stage.learn(replay);
      expect(await stage.loss(replay), `after ${steps} steps on the same batch its loss must be lower`).toBeLessThan(
        before!,
      );
    });

    it('with dryRun reports the losses and changes nothing', async ({ skip }) => {
      const stage = await open();
      skip(!stage.participant.learn, 'it has no learn');
      await stage.live(days(0, 2));
      const batch = stage.world.meet(days(2, 1)[0]);
      const [state, rng, opinions] = [frozen(await stage.participant.save()), stage.rng.save(), await stage.opinions()];
      const step = await stage.participant.learn!(batch, [], { dryRun: true });
      expect(step.rowGradients, 'a dry run returns no row gradients: it changes nothing').toEqual([]);
      expect(frozen(await stage.participant.save()), 'a dry run must not change the state').toEqual(state);
      expect(stage.rng.save(), 'a dry run must not draw from the generator: it is part of the checkpoint').toEqual(rng);
      expect(bits(await stage.opinions()), 'a dry run must not change what it predicts').toEqual(bits(opinions));
      const real = await stage.learn(batch);
      expect(Object.keys(step.losses).toSorted(), 'a dry run reports the losses that learning would').toEqual(
        Object.keys(real.losses).toSorted(),
      );
    });

    it('at rate 0 predicts what it predicted before', async ({ skip }) => {
      // Without tables of others: whoever reads them may keep count of their scale.
      const stage = await open({ access: 'none' });
      skip(!stage.participant.learn, 'it has no learn');
      skip(rateless !== undefined, `it has no learning rate: ${rateless}`);
      await stage.live(days(0, 2));
      const replay = stage.world.replayOf(stage.world.meet(days(2, 1)[0]));
      // What is due from time to time, whatever is learned, is done by the first of these steps.
      await stage.learn(replay, [], { rate: 0 });
      const before = await stage.opinions();
      await stage.learn(replay, [], { rate: 0 });
      expect(bits(await stage.opinions()), 'a step at rate 0 must not change what it predicts').toEqual(bits(before));
    });

    it('learns the same from the same, bit for bit', async ({ skip }) => {
      const [one, two] = [await open(), await open()];
      skip(!one.participant.learn, 'it has no learn');
      // Taking turns: two instances in one process must not share anything that changes.
      for (const day of days(0, 4)) {
        await one.live([day]);
        await two.live([day]);
      }
      expect(bits(await two.opinions()), 'the same seed and events must give the same scores, bit for bit').toEqual(
        bits(await one.opinions()),
      );
      expect(frozen((await two.save()).participant), 'the same seed and events must give the same state').toEqual(
        frozen((await one.save()).participant),
      );
      expect(frozen((await two.save()).tables), 'the same seed and events must give the same row gradients').toEqual(
        frozen((await one.save()).tables),
      );
    });

    it('takes in users and items that come later', async ({ skip }) => {
      const stage = await open();
      skip(!stage.participant.learn, 'it has no learn');
      await stage.live(days(0, 3));
      stage.world.addItems(LATE_ITEMS);
      expectScores(await stage.opinions(), stage.world.users * stage.world.items, 'new items, not learned yet');
      await stage.live([
        LATE_ITEMS.map(({ id }) => ['latecomer', id] as const),
        [
          ['ada', 'mango'],
          ['latecomer', 'an item without a record'],
        ],
      ]);
      expectScores(await stage.opinions(), stage.world.users * stage.world.items, 'new users and items, learned');
    });

    it('learns from a batch of replayed events alone, and from one event', async ({ skip }) => {
      const stage = await open();
      skip(!stage.participant.learn, 'it has no learn');
      await stage.live(days(0, 1));
      await stage.learn(stage.world.past());
      await stage.live([[['somebody new', 'apple']]]);
      expectScores(
        await stage.opinions(),
        stage.world.users * stage.world.items,
        'after a batch of replays and a batch of one',
      );
    });

    it('trains the shared tables it was granted, and reads the others only', async ({ skip }) => {
      const stage = await open({ access: 'train' });
      skip(!stage.participant.learn, 'it has no learn');
      skip(!declared.takes.includes('parameters'), 'it does not take parameters');
      await stage.live(days(0, 4));
      expectScores(
        await stage.opinions(),
        stage.world.users * stage.world.items,
        'after training with tables of another',
      );
    });
  });

  describe('fit', () => {
    it('ends when it is told to, and has learned then', async ({ skip }) => {
      const stage = await open();
      const { world, participant } = stage;
      skip(!participant.fit, 'it has no fit: the engine runs epochs of learn');
      for (const day of days(0, 4)) world.count(world.meet(day));
      const epochs: number[] = [];
      await participant.fit!(interactionsOf(world), {
        signal: new AbortController().signal,
        epochs: 5,
        epoch: async ({ epoch, loss }) => {
          expect(Number.isNaN(loss), 'the loss of an epoch is a number').toBe(false);
          epochs.push(epoch);
          return { stop: epochs.length === 2 };
        },
      });
      expect(epochs.length, 'fit must report its epochs').toBeGreaterThan(0);
      expect(epochs.length, 'fit must stop when an epoch is answered with stop').toBeLessThanOrEqual(2);
      expectScores(await stage.opinions(), world.users * world.items, 'after fit');
    });
  });
}
