import { defineConfig } from '@tandem-rec/contract';
import { openTensorBackend } from '@tandem-rec/compute';
import { movielens100k } from '@tandem-rec/dataset-files';
import { fism } from '@tandem-rec/model-history';
import { bridge } from '@tandem-rec/sharing-bridge';
import { none } from '@tandem-rec/sharing-none';
import { dataFolder, requireOrSkip } from '@tandem-rec/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { liar, type Lie } from '../../test/liar.ts';
import { streamed } from '../../test/streamed.ts';

const EVENTS = 8000;

/** NDCG@10 of `fism` over the last 80 % of the beginning of MovieLens 100K, beside a teacher that does harm. */
async function reached(how: Lie, sharing: ReturnType<typeof none> | ReturnType<typeof bridge>): Promise<number> {
  const { fism: ndcg } = await streamed(
    defineConfig({
      dataset: movielens100k({ folder: dataFolder('ml-100k') }),
      domain: fism(),
      language: liar({ how }),
      sharing,
      training: { positive: { minValue: 4 } },
    }),
    EVENTS,
  );
  return ndcg;
}

/** Births stay with the table: they are not lessons, and other random rows move the figure by a hundredth by themselves. */
const taught = (guard: { readonly on?: boolean }) =>
  bridge({
    births: { from: 'table' },
    token: false,
    predictions: { to: 'domain', afterEvents: 1000, weight: 2 },
    guard,
  });

describe.runIf(requireOrSkip('data', 'ml-100k').available)('a harmful teacher under the guard', () => {
  let alone: number;
  beforeAll(async () => {
    await openTensorBackend({ prefer: 'wasm' });
    alone = await reached('random', none());
  });

  it.each(['inverted', 'random', 'stale'] as const)(
    '(%s) leaves the learner within a hundredth of learning alone',
    async (how) => {
      expect(Math.abs((await reached(how, taught({}))) / alone - 1)).toBeLessThan(0.01);
    },
  );
});
