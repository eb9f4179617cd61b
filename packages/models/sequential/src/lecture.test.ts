import { SeededRng } from '@tandem-rec/compute';
import type { Batch, PredictionLesson } from '@tandem-rec/contract';
import { batchOf } from '@tandem-rec/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloze } from './cloze-task.ts';
import { lectureOf } from './lecture.ts';
import { nextItem } from './sequence-task.ts';

const rng = new SeededRng(1);
const CLOZE = { maxLength: 10, masked: 1e-9, lastOnly: 1, cuts: 0 };

/** Whole timelines: of each user the events in their order, each with what came before. */
function timelines(...users: readonly (readonly number[])[]): Batch {
  const events = users.flatMap((items, user) =>
    items.map((item, t) => [user, item, items.slice(0, t).toReversed()] as const),
  );
  return batchOf(events);
}

const about = (batch: Batch, weight: (b: number) => number): PredictionLesson => ({
  ...{ kind: 'predictions', from: 'other', to: 'me', temperature: 1 },
  candidates: { kind: 'shared', items: Int32Array.of(1) },
  target: new Float32Array(batch.size),
  weight: Float32Array.from({ length: batch.size }, (_, b) => weight(b)),
});

describe('a timeline in a batch', () => {
  it('is one sequence, which asks for all of its items but the first', () => {
    const batch = timelines([1, 2, 3], [4], [5, 6]);
    const { examples } = lectureOf(batch, [], nextItem(10), 10, rng);
    expect(examples.map(({ tokens, targets }) => [[...tokens], [...targets]])).toEqual([
      [
        [1, 2],
        [2, 3],
      ],
      [[5], [6]],
    ]);
  });

  it('answers for its rows with the states that are asked for their items', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (n, w) => {
          const batch = timelines(...n.map((length, user) => Array.from({ length }, (_, t) => 100 * user + t)));
          const lesson = about(batch, (b) => b % 3);
          const { examples, asked, answers, lessons } = lectureOf(batch, [lesson], nextItem(w), w, rng);
          const wanted = [...batch.users.keys()].filter((b) => b % 3 > 0 && batch.positions[b] > 0);
          expect([...asked]).toEqual(wanted);
          expect(lessons).toEqual(wanted.length > 0 ? [lesson] : []);
          if (answers.kind !== 'examples') throw new Error('A causal network needs no queries.');
          for (const [i, b] of asked.entries()) {
            const { example, token } = answers.places[i];
            const { tokens, targets } = examples[example];
            expect(targets[token]).toBe(batch.items[b]);
            // The newest items of the past stand before it: at least half of what may be read.
            const read = [...tokens.subarray(0, token + 1)].reverse();
            const past = batch.history.items.subarray(batch.history.offsets[b], batch.history.offsets[b + 1]);
            expect(read).toEqual([...past.subarray(0, read.length)]);
            expect(read.length).toBeGreaterThanOrEqual(Math.min(past.length, Math.floor(w / 2) + 1));
            expect(tokens.length).toBeLessThanOrEqual(w);
          }
          // Each item but the first of a timeline is asked for once.
          const targets = examples.flatMap((example) => [...example.targets].filter((row) => row >= 0));
          expect(targets.toSorted((a, b) => a - b)).toEqual(
            [...batch.items].filter((_, b) => batch.positions[b] > 0).toSorted((a, b) => a - b),
          );
        },
      ),
    );
  });

  it('is one cloze, and rows of lessons are queries, where the network sees both sides', () => {
    const batch = timelines([1, 2, 3, 4]);
    const task = cloze(CLOZE);
    const { examples, asked, answers } = lectureOf(batch, [about(batch, (b) => Number(b === 2))], task, 10, rng);
    expect(examples.map(({ targets }) => [...targets])).toEqual([[-1, -1, -1, 4]]);
    const everyEnd = lectureOf(batch, [], cloze({ ...CLOZE, masked: 0, cuts: 1 }), 10, rng).examples;
    expect(everyEnd.map(({ targets }) => targets.at(-1))).toEqual([2, 3, 4]);
    expect([...asked]).toEqual([2]);
    expect(answers).toEqual({ kind: 'queries', queries: [task.query(Int32Array.of(1, 2))] });
  });
});

it('reads a lone row as its newest history with its item behind', () => {
  const batch = batchOf([[0, 9, [8, 7, 6, 5]]]);
  const { examples, answers } = lectureOf(batch, [about(batch, () => 1)], nextItem(3), 3, rng);
  expect(examples.map(({ tokens, targets }) => [[...tokens], [...targets]])).toEqual([
    [
      [6, 7, 8],
      [7, 8, 9],
    ],
  ]);
  expect(answers).toEqual({ kind: 'examples', places: [{ example: 0, token: 2 }] });
});
