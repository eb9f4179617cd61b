import { TandemError } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { lineText, loggerOf, type LogLine } from './logger.ts';
import { plainData } from './plain-data.ts';
import { sent } from './rpc.ts';

const shared = { a: 1 };
const cyclic: Record<string, unknown> = { twice: [shared, shared], big: 3n, cause: new Error('full') };
cyclic['self'] = cyclic;
const PLAIN = { twice: [shared, shared], big: '3', cause: 'full', self: '[circular]' };

describe('plain data', () => {
  it('tells in words what JSON cannot say', () => {
    expect(plainData(cyclic)).toEqual(PLAIN);
    const throwing = {
      get value(): number {
        throw new Error('gone');
      },
    };
    expect(plainData(throwing)).toEqual({ unreadable: 'gone' });
  });

  it('is what crosses threads as facts of log lines and details of errors', () => {
    const lines: LogLine[] = [];
    loggerOf('part', 'info', (line) => lines.push(line)).info('Said.', { ...cyclic, work: () => 0 });
    expect(() => structuredClone(lines)).not.toThrow();
    expect(lineText(lines[0])).toContain('"big":"3"');
    expect(sent(new TandemError('TANDEM_CLI_USAGE', 'Wrong.', { details: cyclic })).details).toEqual(PLAIN);
  });
});
