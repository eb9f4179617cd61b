import { expect, it } from 'vitest';
import { lessonsIn, spentIn } from './what-they-say.ts';

const weights = { buckets: ['0', '1+'], weights: [0, 1], series: [{ sequence: 500, weights: [0, 0.5] }] };

it('finds weights of lessons wherever a strategy tells of them, and nothing else', () => {
  const said = {
    gate: { weightsByUserAge: { '0': [1, 2] } },
    combine: { first: { guard: { 'l → d, predictions': weights } }, second: { series: 'no' } },
  };
  expect(lessonsIn(said)).toEqual([{ lesson: 'l → d, predictions', buckets: weights.buckets, series: weights.series }]);
  expect(lessonsIn({ a: null, b: 3, c: { buckets: ['x'], series: [{ weights: [1] }] } })).toEqual([]);
});

it('adds up what hosted models used, where they say it', () => {
  expect(spentIn({ fism: {}, other: undefined })).toEqual({});
  const hosted = (tokens: number, money: number) => ({ hosted: { calls: 3, tokens, money } });
  expect(spentIn({ writer: hosted(100, 0.5), judge: hosted(20, 0.25) })).toEqual({ tokens: 120, money: 0.75 });
});
