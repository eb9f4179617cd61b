import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runJobs, timeLeft, type Job } from './schedule.ts';

const silent = { took: [], draw: () => {}, signal: new AbortController().signal };

describe('runJobs', () => {
  it('runs so many at once and tells of each that is done', async () => {
    let [now, most] = [0, 0];
    const done: string[] = [];
    const job = (title: string): Job<string> => ({
      title,
      sort: 'a',
      run: async () => {
        most = Math.max(most, ++now);
        await sleep(5);
        now--;
        return title.toUpperCase();
      },
    });
    await runJobs([...'abcde'].map(job), {
      ...silent,
      atOnce: 2,
      done: async (_, result) => void done.push(result),
    });
    expect(most).toBe(2);
    expect(done.toSorted()).toEqual([...'ABCDE']);
  });

  it('ends what is under way, and starts nothing more, where one fails', async () => {
    const started: string[] = [];
    const ended: unknown[] = [];
    const failing: Job<void> = {
      title: 'fails',
      sort: 'a',
      run: async () => {
        started.push('fails');
        await sleep(5);
        throw new Error('It broke.');
      },
    };
    const waiting: Job<void> = {
      title: 'waits',
      sort: 'a',
      run: (_, signal) => {
        started.push('waits');
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            ended.push(signal.reason);
            reject(signal.reason as Error);
          });
        });
      },
    };
    const work = runJobs([failing, waiting, waiting], { ...silent, atOnce: 2, done: async () => {} });
    await expect(work).rejects.toThrow('It broke.');
    expect(started).toEqual(['fails', 'waits']);
    expect(ended).toHaveLength(1);
  });
});

describe('timeLeft', () => {
  const took = [
    { sort: 'control', seconds: 100 },
    { sort: 'exchange', seconds: 300 },
  ];

  it('counts every sort by what it took, and what runs by how far it is', () => {
    expect(timeLeft([], [], [], 1)).toBe('');
    expect(timeLeft([{ sort: 'control' }, { sort: 'exchange' }], [], took, 1)).toBe(', about 7 min left');
    expect(timeLeft([{ sort: 'control' }, { sort: 'exchange' }], [], took, 2)).toBe(', about 3 min left');
    expect(timeLeft([], [{ sort: 'control', seconds: 80, share: undefined }], took, 1)).toBe(', about 20 s left');
    expect(timeLeft([], [{ sort: 'exchange', seconds: 30, share: 0.5 }], took, 1)).toBe(', about 30 s left');
  });
});
