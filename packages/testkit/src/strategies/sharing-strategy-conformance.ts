import type { PluginUse } from '@tandem-rec/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { expectRefusal, expectSound, frozen } from '../assertions.ts';
import type { TestEnvironmentChanges } from '../fixtures/test-environment.ts';
import { days } from '../participants/stage.ts';
import { StrategyStage } from './strategy-stage.ts';

export interface SharingStrategyConformance {
  /** The plugin with options that make it act early: within the first batches of 12 events. */
  readonly use: PluginUse<'sharing-strategy'>;
  /** Changes to the environment it is created in. */
  readonly environment?: TestEnvironmentChanges;
}

/**
 * The contract of a sharing strategy, as tests: among participants that offer exactly what it needs, beside one that
 * offers nothing, in a world that grows. Call it in a vitest file.
 *
 * @example
 * ```ts
 * sharingStrategyConformance({ use: myStrategy({ weight: 0.5 }) });
 * ```
 */
export function sharingStrategyConformance({ use, environment }: SharingStrategyConformance): void {
  describe(`${use.id} conforms to SharingStrategy`, () => {
    const stages: StrategyStage[] = [];
    afterEach(async () => {
      for (const stage of stages.splice(0)) await stage.close();
    });

    async function open(restored?: Parameters<typeof StrategyStage.open>[2]): Promise<StrategyStage> {
      const stage = await StrategyStage.open(use, environment, restored);
      stages.push(stage);
      return stage;
    }

    it('plans only what the participants can give and take', async () => {
      await (await open()).live(days(0, 12));
    });

    it('bears items and users that come later, and a batch of one event', async () => {
      const stage = await open();
      await stage.live(days(0, 4));
      await stage.comeLate();
      await stage.live([
        [['a new user', 'mango']],
        [
          ['another', 'an item without a record'],
          ['ada', ''],
        ],
        ...days(4, 2),
      ]);
    });

    it('keeps the rows it initialises and pulls finite', async () => {
      const stage = await open();
      await stage.live(days(0, 10));
      await stage.comeLate();
      await stage.live([
        [
          ['ada', 'mango'],
          ['bob', ''],
        ],
      ]);
      for (const { name, data } of stage.world.embeddings.save().arrays)
        if (data instanceof Float32Array)
          expect(
            data.every(Number.isFinite),
            `the table behind ${name} must stay finite: initialisers and priors write finite numbers`,
          ).toBe(true);
    });

    it('does the same with the same, bit for bit', async () => {
      const [one, two] = [await open(), await open()];
      for (const day of days(0, 8))
        expect(await two.live([day]), 'the same seed and batches must give the same lessons and the same rows').toEqual(
          await one.live([day]),
        );
    });

    it('has a state that a checkpoint can hold, before and after exchanging', async () => {
      const stage = await open();
      expectSound(await stage.strategy.save());
      await stage.live(days(0, 6));
      expectSound(await stage.strategy.save());
      const state = frozen(await stage.strategy.save());
      expect(frozen(await stage.strategy.save()), 'saving twice must give the same').toEqual(state);
    });

    it('loaded into a new instance goes on bit for bit', async () => {
      const stage = await open();
      await stage.live(days(0, 7));
      const restarted = await open({ saved: await stage.save(), past: days(0, 7) });
      expect(
        await restarted.live(days(7, 6)),
        'a loaded strategy must go on with the same lessons and the same effect on rows, bit for bit',
      ).toEqual(await stage.live(days(7, 6)));
      expect(frozen((await restarted.save()).strategy)).toEqual(frozen((await stage.save()).strategy));
    });

    it('refuses a state that lacks something', async ({ skip }) => {
      const stage = await open();
      await stage.live(days(0, 7));
      const { strategy } = await stage.save();
      skip(strategy.arrays.length === 0, 'its state has no arrays');
      await expectRefusal(strategy, async (state) => {
        const { strategy: fresh, world } = await open();
        await fresh.load(state);
        // Some can only judge what they loaded when they see the tables.
        await fresh.begin?.(world.module.bridge);
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
