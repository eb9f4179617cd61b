import type { CatalogueItem } from '@tandem-rec/contract';
import type { Split } from '../split.ts';
import { checkParts } from './check-parts.ts';
import { checkTexts } from './check-texts.ts';
import { checkTimes } from './check-times.ts';
import type { LeakFinding } from './leak-finding.ts';

/** Looks a split and its items over for what models must not know when they are tested. Nothing is trained. */
export const findLeaks = (split: Split, items: readonly CatalogueItem[]): readonly LeakFinding[] => [
  ...checkParts(split),
  ...checkTimes(split),
  ...checkTexts(split, items),
];
