import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseIsoTime } from './event-time.ts';

describe('parseIsoTime', () => {
  it('reads what Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(parseIsoTime(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  it.each([
    ['2020-02-29', Date.UTC(2020, 1, 29)],
    ['2020-01-01T00:00Z', Date.UTC(2020, 0)],
    ['2020-01-01T00:00:00.5-0130', Date.UTC(2020, 0, 1, 1, 30, 0, 500)],
    ['2020-01-01T05:30:00.123456789+05:30', Date.UTC(2020, 0, 1) + 123],
  ])('reads %s', (text, ms) => expect(parseIsoTime(text)).toBe(ms));

  it.each([
    '',
    '1',
    '2020',
    '2020-13-01',
    '2019-02-29',
    '2020-01-01T00:00',
    '2020-01-01 00:00Z',
    '2020-01-01T00:60Z',
    '2020-01-01T00:00:00+24:00',
    ' 2020-01-01',
  ])('refuses "%s"', (text) => expect(parseIsoTime(text)).toBeNaN());
});
