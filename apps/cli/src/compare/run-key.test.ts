import { evaluationSchema, type Composition } from '@tandem-rec/contract';
import { tableOf } from '@tandem-rec/data';
import { describe, expect, it } from 'vitest';
import { dataHash, runKey } from './run-key.ts';

const composition = (more: object = {}): Composition =>
  ({
    evaluation: evaluationSchema.parse({}),
    description: { seed: 1, participants: ['fism'] },
    limits: { threads: 1 },
    backend: undefined,
    source: { id: 'a#log', options: { file: 'x' } },
    ...more,
  }) as unknown as Composition;
const identity = { regime: 'batch', code: 'c', data: 'd', permuted: false } as const;

describe('runKey', () => {
  const key = runKey(composition(), identity);

  it('stays with what changes no result', () => {
    const evaluation = evaluationSchema.parse({ seeds: [1, 2], resamples: 500 });
    expect(runKey(composition({ evaluation, name: 'other', source: undefined }), identity)).toBe(key);
  });

  it.each([
    ['composition', { description: { seed: 2, participants: ['fism'] } }, {}],
    ['epochs', { evaluation: evaluationSchema.parse({ epochs: 3 }) }, {}],
    ['backend', { backend: 'wasm' }, {}],
    ['threads', { limits: { threads: 2 } }, {}],
    ['code', {}, { code: 'other' }],
    ['data', {}, { data: 'other' }],
    ['permuted texts', {}, { permuted: true }],
    ['regime', {}, { regime: 'stream' }],
  ])('changes with %s', (_, change, otherIdentity) => {
    expect(runKey(composition(change), { ...identity, ...otherIdentity } as never)).not.toBe(key);
  });

  it('has the options of a source that cannot be read before', () => {
    const stream = { ...identity, regime: 'stream', data: '' } as const;
    const other = composition({ source: { id: 'a#log', options: { file: 'y' } } });
    expect(runKey(other, stream)).not.toBe(runKey(composition(), stream));
    expect(runKey(other, { ...stream, data: 'd' })).toBe(runKey(composition(), { ...stream, data: 'd' }));
  });
});

describe('dataHash', () => {
  const rows = [
    { user: 'a', item: 'x', atMs: 1 },
    { user: 'b', item: 'y', atMs: 2 },
  ];
  const items = [{ id: 'x', text: { title: 't' }, categories: [] }];
  const hash = dataHash(tableOf(rows), items);

  it('follows from events and words', () => {
    expect(dataHash(tableOf(rows), items)).toBe(hash);
    expect(dataHash(tableOf([rows[0], { ...rows[1], atMs: 3 }]), items)).not.toBe(hash);
    expect(dataHash(tableOf([rows[0], { ...rows[1], user: 'c' }]), items)).not.toBe(hash);
    expect(dataHash(tableOf(rows), [{ ...items[0], text: { title: 'u' } }])).not.toBe(hash);
  });
});
