import type { Matrix } from '@tandem-rec/contract';
import { expect, it } from 'vitest';
import { rowVector, Stage, textVector } from '../test/stage.ts';
import { align } from './align.ts';

/** Everybody of ten users meets items 0 … 19, two each. */
const FIRST = Array.from({ length: 20 }, (_, k) => [`u${k % 10}`, `i${k}`] as const);
const OPTIONS = { minCount: 1, translation: { minRows: 10, everyBatches: 1, ridge: 1e-5 } } as const;
const near = ({ rows, cols, data }: Matrix, expected: readonly (readonly number[])[]): void => {
  expect([rows, cols]).toEqual([expected.length, expected[0].length]);
  expected.flat().forEach((value, i) => expect(data[i]).toBeCloseTo(value, 2));
};

it('teaches the domain model what texts say in its own language, and the language model what it says itself', async () => {
  const stage = await Stage.open(OPTIONS);
  expect(Object.keys(await stage.live(FIRST)), 'nobody has met anything').toEqual([]);
  const lessons = await stage.live([
    ['u1', 'i25'],
    ['u2', 'i3'],
  ]);
  expect(Object.keys(lessons)).toEqual([
    'words → rows, item',
    'rows → words, item',
    'words → rows, user',
    'rows → words, user',
  ]);
  const { rows, target } = lessons['words → rows, item'];
  expect(rows).toHaveLength(30);
  near(
    target,
    Array.from(rows, (row) => rowVector('item', row)),
  );
  const taught = lessons['rows → words, item'];
  expect(
    [...taught.rows].toSorted((a, b) => a - b),
    'what nobody met teaches nothing',
  ).toEqual([...Array(20).keys()]);
  near(
    taught.target,
    Array.from(taught.rows, (row) => rowVector('item', row)),
  );
  expect([...lessons['rows → words, user'].rows]).toEqual([1, 2]);
});

it('contrasts at a temperature, as loud as weight and schedule say', async () => {
  const stage = await Stage.open({ ...OPTIONS, weight: 0.5, temperature: 0.3, schedule: { warmUpEvents: 40 } });
  await stage.live(FIRST);
  const { 'words → rows, item': lesson } = await stage.live([['u', 'i']]);
  expect(lesson).toMatchObject({ loss: 'info-nce', temperature: 0.3, weight: 0.25 });
});

it('takes the items of the batch and others, no more than asked for', async () => {
  const stage = await Stage.open({ ...OPTIONS, candidates: 6 });
  await stage.live(FIRST);
  const { 'words → rows, item': lesson } = await stage.live([
    ['u1', 'i25'],
    ['u2', 'i3'],
  ]);
  expect(lesson.rows).toHaveLength(6);
  expect(new Set(lesson.rows)).toEqual(new Set([25, 3, ...lesson.rows]));
  expect(new Set(lesson.rows).size).toBe(6);
});

it('reconstructs a random share of the rows in its generative variant', async () => {
  const stage = await Stage.open({ ...OPTIONS, variant: 'generative', masked: 0.3, sides: ['item'] });
  await stage.live(FIRST);
  const sizes = new Set<number>();
  let sum = 0;
  for (let k = 0; k < 40; k++) {
    const { 'words → rows, item': lesson } = await stage.live([['u', 'i0']]);
    expect(lesson.loss).toBe('cosine');
    near(
      lesson.target,
      Array.from(lesson.rows, (row) => rowVector('item', row)),
    );
    sizes.add(lesson.rows.length);
    sum += lesson.rows.length;
  }
  expect(sum / 40).toBeGreaterThan(7);
  expect(sum / 40).toBeLessThan(11);
  expect(sizes.size).toBeGreaterThan(3);
});

it.each([
  ['domain', ['words → rows, item']],
  ['language', ['rows → words, item']],
] as const)('teaches the %s side alone where the schedule says so', async (learners, expected) => {
  const stage = await Stage.open({ ...OPTIONS, sides: ['item'], schedule: { learners } });
  await stage.live(FIRST);
  expect(Object.keys(await stage.live([['u', 'i3']]))).toEqual(expected);
});

it('hands on vectors as they are where nothing is to be translated', async () => {
  const stage = await Stage.open({ sides: ['item'], translation: { on: false }, schedule: { learners: 'domain' } });
  const { 'words → rows, item': lesson } = await stage.live(FIRST);
  near(
    lesson.target,
    Array.from(lesson.rows, (row) => textVector('item', row)),
  );
});

it('needs of each side what its schedule uses', () => {
  const { needs, options } = align.definition;
  const of = (given: Parameters<typeof align>[0]): unknown =>
    typeof needs === 'function' && needs(options.parse(given));
  const [some, none] = [['representations'], []];
  expect(of({})).toEqual({ domain: { gives: some, takes: some }, language: { gives: some, takes: some } });
  expect(of({ schedule: { learners: 'domain' }, translation: { on: false } })).toEqual({
    domain: { gives: none, takes: some },
    language: { gives: some, takes: none },
  });
  expect(of({ schedule: { learners: 'language' }, translation: { on: false } })).toEqual({
    domain: { gives: some, takes: none },
    language: { gives: none, takes: some },
  });
});
