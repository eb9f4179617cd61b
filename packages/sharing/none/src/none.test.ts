import type { Batch, Bridge } from '@tandem-rec/contract';
import { testEnvironment } from '@tandem-rec/testkit';
import { expect, it } from 'vitest';
import { none } from './none.ts';

it('none asks nobody for anything: whatever a participant is asked would be an exchange', async () => {
  const { definition } = none;
  expect(definition.needs).toEqual({ domain: { gives: [], takes: [] }, language: { gives: [], takes: [] } });
  expect(definition.grants ?? []).toEqual([]);
  const strategy = await definition.create(definition.options.parse({}), testEnvironment());
  const untouchable = new Proxy({} as Bridge, {
    get: (_, key) => {
      throw new Error(`looked at ${String(key)} of the bridge`);
    },
  });
  expect([strategy.begin, strategy.arrive, strategy.observe]).toEqual([undefined, undefined, undefined]);
  expect(await strategy.exchange({} as Batch, untouchable)).toEqual({ lessons: [] });
});
