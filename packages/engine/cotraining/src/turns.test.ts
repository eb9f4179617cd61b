import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('Turns', () => {
  it('lets nobody begin before those before have ended, however long they take', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const work = (name: string, ms: number) => async (): Promise<string> => {
      told.push(`${name} begins`);
      await pause(ms);
      told.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([turns.take(work('a', 8)), turns.take(work('b', 0)), turns.take(work('c', 3))])).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('goes on after a failure, which only whoever asked hears of', async () => {
    const turns = new Turns();
    const failing = turns.take(() => Promise.reject(new Error('no')));
    const throwing = turns.take(() => {
      throw new Error('not even a promise');
    });
    const next = turns.take(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    await expect(throwing).rejects.toThrow('not even');
    expect(await next).toBe('yes');
  });
});
