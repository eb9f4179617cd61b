import { domainModelConformance, sharingStrategyConformance } from '@tandem-rec/testkit';
import { guardedDistillation } from './guarded-distillation.ts';
import { ials } from './ials.ts';
import { mutual } from './mutual.ts';
import { textPrior } from './text-prior.ts';
import { verbalise } from './verbalise.ts';

domainModelConformance({ use: ials({ dim: 4 }) });
sharingStrategyConformance({ use: mutual() });
sharingStrategyConformance({ use: textPrior({ minCount: 2, everyBatches: 2 }) });
sharingStrategyConformance({ use: guardedDistillation() });
sharingStrategyConformance({ use: verbalise({ minCount: 1 }) });
