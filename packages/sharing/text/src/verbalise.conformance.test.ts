import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { verbalise } from './verbalise.ts';

sharingStrategyConformance({
  use: verbalise({ items: { minCount: 1 }, users: { minCount: 1 }, schedule: { fromEvents: 0 } }),
});
