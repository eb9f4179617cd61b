import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { project } from './project.ts';

sharingStrategyConformance({
  use: project({
    tables: ['item', 'user'],
    gradients: 'flowing',
    schedule: { learners: 'alternating', phases: [{}, { learners: 'language' }], plateau: { events: 10 } },
  }),
});
