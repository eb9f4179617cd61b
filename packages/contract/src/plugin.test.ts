import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CONTRACT_VERSION, defineFusion, isPlugin, isPluginUse } from './plugin.ts';

const mix = defineFusion({
  id: '@fake/fusions#mix',
  summary: 'Adds.',
  options: z.strictObject({ weight: z.number().default(1) }),
  create: () => {
    throw new Error('never here');
  },
});

describe('a plugin', () => {
  it('makes uses that carry options as written, and nothing happens', () => {
    expect(mix({ weight: 2 }, { as: 'sum' })).toMatchObject({
      $type: '@tandem-rec/plugin-use',
      contract: CONTRACT_VERSION,
      kind: 'fusion',
      id: '@fake/fusions#mix',
      as: 'sum',
      options: { weight: 2 },
    });
    expect(mix()).not.toHaveProperty('as');
    expect(Object.isFrozen(mix())).toBe(true);
  });

  it('is told by its mark, not by its class', () => {
    expect(isPlugin(mix)).toBe(true);
    expect(isPluginUse(mix)).toBe(false);
    expect(isPluginUse({ ...mix() })).toBe(true);
    expect(isPlugin(() => undefined)).toBe(false);
    expect(isPluginUse(null)).toBe(false);
  });
});
