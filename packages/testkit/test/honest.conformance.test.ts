import { domainModelConformance } from '../src/index.ts';
import { describe } from 'vitest';
import { FAULTS, honest } from './honest-model.ts';

// `participant-faults.test.ts` runs this file with every fault and expects the suite to notice each.
const faults = process.env['TANDEM_TEST_FAULTS'] === 'all' ? FAULTS : (['none'] as const);

for (const fault of faults) describe(`fault: ${fault}`, () => domainModelConformance({ use: honest({ fault }) }));
