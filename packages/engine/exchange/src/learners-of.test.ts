import type { Bridge } from '@tandem-rec/contract';
import { expect, it } from 'vitest';
import { learnersOf } from './learners-of.ts';

const seat = (name: string, role: 'domain' | 'language') => ({ name, role });
const BRIDGE = {
  domain: [seat('fism', 'domain'), seat('knn', 'domain')],
  language: [seat('words', 'language')],
} as unknown as Bridge;

it.each([
  [1, true, true, undefined],
  [0, false, false, undefined],
  [0, true, false, undefined],
  [0.5, true, false, ['fism', 'knn']],
  [1, false, true, ['knn', 'words']],
] as const)('at weight %d, domain taught: %s, language taught: %s, %j learn', (weight, domain, language, expected) => {
  expect(learnersOf({ weight, taught: { domain, language } }, BRIDGE, ({ name }) => name !== 'knn')).toEqual(expected);
});
