import type { CatalogueItem, Interaction } from '@tandem-rec/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeRecord, MAX_ID_LENGTH, type DecodedRecord } from './decode-record.ts';
import { encodeInteraction, encodeItem } from './encode-record.ts';
import { recordSchema } from './record-schema.ts';

const rules = { notBeforeMs: Date.UTC(1990, 0), notAfterMs: Date.UTC(2030, 0) };
const ANY_TIME = { notBeforeMs: -Infinity, notAfterMs: Infinity };
const valid = { user: 'u', item: 'i', at: Date.UTC(2020, 0) };

const decode = (record: unknown): DecodedRecord => decodeRecord(JSON.stringify(record), rules);

describe('decodeRecord on interactions', () => {
  it('fills defaults only where a field is left out', () => {
    expect(decode(valid)).toEqual({
      type: 'interaction',
      interaction: { user: 'u', item: 'i', atMs: valid.at, kind: 'interaction', value: 1 },
    });
  });

  it('reads every field, and ignores those it does not know', () => {
    const record = {
      type: 'interaction',
      user: 7,
      item: -3,
      at: '2020-01-01T02:00:00+02:00',
      kind: 'rating',
      value: 4.5,
      id: 'e1',
      page: '/',
    };
    expect(decode(record)).toEqual({
      type: 'interaction',
      interaction: { user: '7', item: '-3', atMs: Date.UTC(2020, 0), kind: 'rating', value: 4.5, id: 'e1' },
    });
  });

  it('reads bytes as UTF-8', () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...valid, user: 'zoë 🦊' }));
    expect(decodeRecord(bytes, rules)).toMatchObject({ interaction: { user: 'zoë 🦊' } });
  });

  it.each([
    [{ user: undefined }, 'user'],
    [{ user: null }, 'user'],
    [{ user: '' }, 'user'],
    [{ user: 1.5 }, 'user'],
    [{ user: 2 ** 53 }, 'user'],
    [{ user: true }, 'user'],
    [{ user: 'x'.repeat(MAX_ID_LENGTH + 1) }, 'user'],
    [{ user: '\ud800' }, 'user'],
    [{ item: [] }, 'item'],
    [{ at: undefined }, 'at'],
    [{ at: null }, 'at'],
    [{ at: '1577836800000' }, 'at'],
    [{ at: '2020-01-01T00:00:00' }, 'at'],
    [{ at: '2021-02-29' }, 'at'],
    [{ at: '2020-01-01T24:00:00Z' }, 'at'],
    [{ kind: '' }, 'kind'],
    [{ kind: 3 }, 'kind'],
    [{ value: '4' }, 'value'],
    [{ value: null }, 'value'],
    [{ id: '' }, 'id'],
    [{ type: 'purchase' }, 'type'],
  ])('refuses %j', (change, field) => {
    expect(decode({ ...valid, ...change })).toEqual({
      type: 'bad',
      code: 'TANDEM_RECORD_INVALID',
      reason: expect.stringMatching(new RegExp(`^${field} `)),
    });
  });

  it.each(['1e999', '-1e999'])('refuses a value of %s, which JSON reads as infinite', (value) => {
    expect(decodeRecord(`{"user":"u","item":"i","at":${valid.at},"value":${value}}`, rules)).toMatchObject({
      code: 'TANDEM_RECORD_INVALID',
    });
  });

  it.each(['1e999', '0', '"1969-07-20"', '"9999-12-31T23:59:59Z"', '-1e300'])(
    'takes the time %s for a mistake',
    (at) => {
      expect(decodeRecord(`{"user":"u","item":"i","at":${at}}`, rules)).toMatchObject({
        code: 'TANDEM_RECORD_ABSURD_TIME',
      });
    },
  );

  it('says when a time looks like seconds', () => {
    expect(decode({ ...valid, at: 881250949 })).toMatchObject({
      reason: expect.stringContaining('looks like seconds'),
    });
  });

  it('keeps the bounds of time inside', () => {
    for (const at of [rules.notBeforeMs, rules.notAfterMs]) expect(decode({ ...valid, at }).type).toBe('interaction');
  });

  it.each(['null', '[]', '3', '"x"', 'true'])('refuses the JSON value %s', (text) => {
    expect(decodeRecord(text, rules)).toMatchObject({ code: 'TANDEM_RECORD_INVALID' });
  });

  it.each(['', '{', '{"user":', 'NaN', '{"user":"u"}x'])('calls %j malformed', (text) => {
    expect(decodeRecord(text, rules)).toMatchObject({ code: 'TANDEM_RECORD_MALFORMED' });
  });

  it('calls bytes malformed that are not UTF-8', () => {
    expect(decodeRecord(Uint8Array.of(0x22, 0xff, 0x22), rules)).toMatchObject({ code: 'TANDEM_RECORD_MALFORMED' });
  });

  it('knows a tombstone', () => {
    expect(decodeRecord(null, rules)).toEqual({ type: 'tombstone' });
  });
});

describe('decodeRecord on items', () => {
  it('takes a text for the title', () => {
    expect(decode({ type: 'item', item: 5, text: 'Heat' })).toEqual({
      type: 'item',
      item: { id: '5', text: { title: 'Heat' }, categories: [] },
    });
  });

  it('takes an item of which nothing is said', () => {
    expect(decode({ type: 'item', item: 'a' })).toEqual({ type: 'item', item: { id: 'a', text: {}, categories: [] } });
  });

  it.each([
    { text: null },
    { text: ['a'] },
    { text: { title: 3 } },
    { categories: 'a' },
    { categories: [1] },
    { item: undefined },
  ])('refuses %j', (change) => {
    expect(decode({ type: 'item', item: 'a', ...change })).toMatchObject({ code: 'TANDEM_RECORD_INVALID' });
  });
});

const id = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const interactions: fc.Arbitrary<Interaction> = fc.record(
  { user: id, item: id, atMs: finite, kind: fc.string({ minLength: 1 }), value: finite, id },
  { requiredKeys: ['user', 'item', 'atMs', 'kind', 'value'] },
);
const items: fc.Arbitrary<CatalogueItem> = fc.record({
  id,
  text: fc.dictionary(fc.string(), fc.string()).map((text) => ({ ...text })),
  categories: fc.array(fc.string()),
});

describe('the wire format', () => {
  it('gives back every interaction', () => {
    fc.assert(
      fc.property(interactions, (interaction) => {
        expect(decodeRecord(encodeInteraction(interaction), ANY_TIME)).toEqual({ type: 'interaction', interaction });
      }),
    );
  });

  it('gives back every item', () => {
    fc.assert(
      fc.property(items, (item) => {
        expect(decodeRecord(encodeItem(item), ANY_TIME)).toEqual({ type: 'item', item });
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string(), fc.string({ unit: 'binary' }), fc.json()), (value) => {
        expect(['interaction', 'item', 'bad']).toContain(decodeRecord(value, rules).type);
      }),
      { numRuns: 300 },
    );
  });

  it('is what the schema says', () => {
    const field = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom<unknown>('interaction', 'item', 'x', '2020-01-01', 1e12, 7, 0.5, '', '\udfff', { title: 'T' }, [
        'c',
      ]),
    );
    const records = fc.record(
      {
        type: field,
        user: field,
        item: field,
        at: field,
        kind: field,
        value: field,
        id: field,
        text: field,
        categories: field,
        more: field,
      },
      { requiredKeys: [] },
    );
    const names = fc.constantFrom('type', 'user', 'item', 'at', 'kind', 'value', 'id', 'text', 'categories');
    const nearlyValid = fc
      .tuple(
        fc.constantFrom<object>(valid, { type: 'item', item: 'a', text: 'T', categories: ['c'] }),
        records,
        fc.array(names, { minLength: 7 }),
      )
      .map(([base, changes, keep]) => ({
        ...base,
        ...Object.fromEntries(Object.entries(changes).filter(([key]) => !keep.some((name) => name === key))),
      }));
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(nearlyValid, records), (record) => {
        const text = JSON.stringify(record);
        const decoded = decodeRecord(text, ANY_TIME).type !== 'bad';
        if (decoded) accepted++;
        expect(recordSchema.safeParse(JSON.parse(text)).success).toBe(decoded);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });
});
