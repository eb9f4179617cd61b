import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { distil } from './distil.ts';

sharingStrategyConformance({ use: distil({ schedule: { fromEvents: 0 } }) });
sharingStrategyConformance({
  use: distil({ teacher: 'ensemble', rows: 'share', schedule: { fromEvents: 12, learners: 'alternating' } }),
});
sharingStrategyConformance({
  use: distil({
    teacher: 'residual',
    rows: 'all',
    target: { by: 'ranking', top: 3 },
    schedule: { fromEvents: 0 },
    guard: { on: false },
  }),
});
