import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { pull, say } from '../test/fakes.ts';
import { combine } from './combine.ts';

sharingStrategyConformance({
  use: combine({
    strategies: [
      { use: pull({ bears: true }), weight: 0.5 },
      { use: pull({ toward: -2 }, { as: 'back' }), schedule: { fromEvents: 24, warmUpEvents: 24 } },
      {
        use: combine({ strategies: [{ use: say({ both: true }), weight: 2, guard: { on: true } }] }),
        schedule: { everyBatches: 2 },
      },
    ],
  }),
});
