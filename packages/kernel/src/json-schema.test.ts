import { defineFusion, z } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { fakePlugins } from '../test/fake-plugins.ts';
import { jsonSchema } from './json-schema.ts';

const plugins = Object.values(fakePlugins());
const accepts = (config: unknown, schema = jsonSchema(plugins)): boolean =>
  z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(config).success;

describe('jsonSchema', () => {
  it('is draft-07 and describes itself', () => {
    expect(jsonSchema(plugins)).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Tandem configuration',
      required: ['domain'],
    });
  });

  it('accepts what may be written, with full and short names, one or many', () => {
    expect(
      accepts({
        $schema: './tandem.schema.json',
        domain: ['fism', { use: '@fake/models#fism', as: 'small', options: { dim: 8 } }, [null, 'fism']],
        language: { use: 'transformer' },
        sharing: 'mutual',
        source: { use: 'log', options: { file: 'x', password: { env: 'PASSWORD' } } },
        training: { batch: { events: 32 } },
        evaluation: { split: { by: 'random', valid: 0.2 } },
      }),
    ).toBe(true);
  });

  it.each([
    ['an unknown key', { domain: 'fism', trainig: {} }],
    ['no domain model', { language: 'transformer' }],
    ['a plugin of another kind', { domain: 'transformer' }],
    ['an unknown option', { domain: { use: 'fism', options: { dmi: 3 } } }],
    ['a wrong value', { domain: { use: '@fake/models#fism', options: { dim: 0 } } }],
    ['a source without its required options', { domain: 'fism', source: 'log' }],
    ['a wrong setting', { domain: 'fism', training: { batch: { events: 0 } } }],
  ])('refuses %s', (_, config) => {
    expect(accepts(config)).toBe(false);
  });

  it('knows a plugin by its id alone where another one has its short name', () => {
    const more = [
      ...plugins,
      defineFusion({
        id: '@other/fusions#mix',
        summary: 'Another.',
        options: z.strictObject({}),
        create: () => Promise.reject(new Error('never')),
      }),
    ];
    const schema = jsonSchema(more);
    expect(accepts({ domain: 'fism', fusion: 'mix' })).toBe(true);
    expect(accepts({ domain: 'fism', fusion: 'mix' }, schema)).toBe(false);
    expect(accepts({ domain: 'fism', fusion: ['@other/fusions#mix', '@fake/fusions#mix'] }, schema)).toBe(true);
  });

  it('leads the references of option schemas to their new place', () => {
    const gate = z.strictObject({ weight: z.number() }).meta({ id: 'Gate' });
    const nested = defineFusion({
      id: '@other/fusions#nested',
      summary: 'Nested.',
      options: z.strictObject({ first: gate, second: gate }),
      create: () => Promise.reject(new Error('never')),
    });
    const schema = jsonSchema([...plugins, nested]);
    expect(JSON.stringify(schema)).toContain('"#/definitions/other.fusions.nested/definitions/Gate"');
    expect(schema['definitions']).toHaveProperty(['other.fusions.nested', 'definitions', 'Gate']);
  });
});
