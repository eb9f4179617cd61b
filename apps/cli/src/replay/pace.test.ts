import { describe, expect, it } from 'vitest';
import { dueMs, parsePace } from './pace.ts';

describe('parsePace', () => {
  it('reads what the help promises', () => {
    expect(parsePace('max')).toEqual({ kind: 'max' });
    expect(parsePace('250')).toEqual({ kind: 'rate', perSecond: 250 });
    expect(parsePace('0.5')).toEqual({ kind: 'rate', perSecond: 0.5 });
    expect(parsePace('realtime')).toEqual({ kind: 'realtime', factor: 1 });
    expect(parsePace('realtime×60')).toEqual({ kind: 'realtime', factor: 60 });
    expect(parsePace('realtimex1.5')).toEqual({ kind: 'realtime', factor: 1.5 });
  });

  it.each(['', 'fast', '0', '-3', '×3', 'realtime×', 'realtime×0', 'maximum', '1e'])('refuses "%s"', (text) => {
    expect(parsePace(text)).toBeUndefined();
  });
});

describe('dueMs', () => {
  it('follows the pace', () => {
    expect(dueMs({ kind: 'max' }, 7, 5000)).toBe(0);
    expect(dueMs({ kind: 'rate', perSecond: 200 }, 100, 5000)).toBe(500);
    expect(dueMs({ kind: 'realtime', factor: 10 }, 7, 5000)).toBe(500);
  });
});
