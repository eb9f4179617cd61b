import { describe, expect, it } from 'vitest';
import { bits, expectRefusal, expectSound, frozen } from '../assertions.ts';
import type { Subject } from './participant-conformance.ts';
import { days } from './stage.ts';

/** `save`, `load` and `close`. */
export function stateChecks({ open }: Subject): void {
  describe('state', () => {
    it('can be kept in a checkpoint, before and after learning', async () => {
      const stage = await open();
      expectSound(await stage.participant.save());
      await stage.live(days(0, 3));
      expectSound(await stage.participant.save());
    });

    it('saving changes nothing', async () => {
      const stage = await open();
      await stage.live(days(0, 2));
      const before = await stage.opinions();
      const state = frozen(await stage.participant.save());
      expect(frozen(await stage.participant.save()), 'saving twice must give the same').toEqual(state);
      expect(bits(await stage.opinions()), 'save must not change what it predicts').toEqual(bits(before));
    });

    it('loaded into a new instance goes on bit for bit', async () => {
      const stage = await open();
      await stage.live(days(0, 3));
      const restarted = await open({ saved: await stage.save(), past: days(0, 3) });
      expect(frozen((await restarted.save()).participant), 'what was loaded must be what is saved again').toEqual(
        frozen((await stage.save()).participant),
      );
      expect(
        bits(await restarted.opinions()),
        'a loaded participant must predict what the one that was saved predicts, bit for bit',
      ).toEqual(bits(await stage.opinions()));
      for (const both of [stage, restarted]) await both.live(days(3, 3));
      expect(
        bits(await restarted.opinions()),
        'a loaded participant must go on learning bit for bit: optimiser, counters and caches belong to the state',
      ).toEqual(bits(await stage.opinions()));
      expect(frozen((await restarted.save()).participant)).toEqual(frozen((await stage.save()).participant));
      expect(frozen((await restarted.save()).tables), 'row gradients after loading must be the same').toEqual(
        frozen((await stage.save()).tables),
      );
    });

    it('loaded into an instance that has learned something else replaces it', async () => {
      const stage = await open();
      await stage.live(days(0, 3));
      const saved = await stage.save();
      const busy = await open();
      await busy.live(days(0, 3).toReversed());
      await busy.participant.load(saved.participant);
      expect(frozen(await busy.participant.save()), 'nothing of what it knew before may remain').toEqual(
        frozen(saved.participant),
      );
    });

    it('that lacks something is refused', async ({ skip }) => {
      const stage = await open();
      await stage.live(days(0, 2));
      const { participant } = await stage.save();
      skip(participant.arrays.length === 0, 'its state has no arrays');
      await expectRefusal(participant, async (state) => {
        const { participant: fresh } = await open();
        await fresh.load(state);
      });
    });

    it('closing twice does no harm', async () => {
      const stage = await open();
      await stage.live(days(0, 1));
      await stage.close();
      await stage.close();
    });
  });
}
