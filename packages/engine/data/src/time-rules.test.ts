import { trainingSchema } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';

import { timeRules } from './time-rules.ts';

describe('timeRules', () => {
  it('reads the defaults of training.time', () => {
    expect(timeRules(trainingSchema.parse({}).time, 5)).toEqual({
      notBeforeMs: Date.UTC(1990, 0),
      notAfterMs: 86_400_005,
    });
  });

  it('refuses a bound that is no date', () => {
    expect(() => timeRules({ notBefore: 'long ago', aheadMs: 0 }, 0)).toThrow(
      expect.objectContaining({ code: 'TANDEM_CONFIG_WRONG_VALUE' }),
    );
  });
});
