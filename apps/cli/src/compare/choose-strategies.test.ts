import type { Composition } from '@tandem-rec/contract';
import { bridge } from '@tandem-rec/sharing-bridge';
import { mutual } from '@tandem-rec/sharing-mutual';
import { describe, expect, it } from 'vitest';
import { chooseStrategies } from './choose-strategies.ts';

const composition = (
  sharing: string | undefined,
  strategies: Composition['comparison']['strategies'] = [],
): Composition =>
  ({
    sharing: sharing && { name: 'mine', id: sharing },
    comparison: { strategies },
  }) as unknown as Composition;
const BRIDGE = '@tandem-rec/sharing-bridge#bridge';

describe('chooseStrategies', () => {
  it('takes the list of the configuration, else what it shares by', () => {
    expect(chooseStrategies(composition(BRIDGE), undefined)).toEqual([{ name: 'mine', use: undefined }]);
    expect(chooseStrategies(composition(BRIDGE, [mutual(), bridge({}, { as: 'other' })]), undefined)).toEqual([
      { name: 'mutual', use: 0 },
      { name: 'other', use: 1 },
    ]);
  });

  it('finds names among the configured, with their options, and others as plugins', () => {
    const configured = composition(BRIDGE, [mutual({}, { as: 'soft' })]);
    expect(chooseStrategies(configured, ['bridge', 'soft', '@else/where#distil'])).toEqual([
      { name: 'bridge', use: undefined },
      { name: 'soft', use: 0 },
      { name: 'distil', use: '@else/where#distil' },
    ]);
  });

  it('refuses none, and two of one name', () => {
    expect(() => chooseStrategies(composition(undefined), undefined)).toThrow(
      expect.objectContaining({ code: 'TANDEM_CONFIG_INVALID' }),
    );
    expect(() => chooseStrategies(composition(undefined, [mutual(), mutual()]), undefined)).toThrow(
      expect.objectContaining({ code: 'TANDEM_COMPOSE_DUPLICATE_NAME' }),
    );
  });
});
