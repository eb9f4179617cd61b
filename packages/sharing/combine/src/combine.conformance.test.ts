import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { pull, say } from '../test/fakes.ts';
import { combine } from './combine.ts';

sharingStrategyConformance({
  use: combine({
    strategies: [
      { use: pull({ bears: true }), weight: 0.5 },
      { use: pull({ toward: -2 }, { as: 'back' }), schedule: { fromEvents: 24, warmUpEvents: 24 } },
      { use: combine({ strategies: [{ use: say(), weight: 2 }] }), schedule: { everyBatches: 2 } },
    ],
  }),
});
