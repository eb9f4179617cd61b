import type { Batch, BridgeParticipant } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { beliefsOf, lessonOf, whereTeacherKnowsBetter } from './beliefs.ts';

/** Two rows; the first user has met items 1 and 3 (3 again now), the second nobody. */
const BATCH: Batch = {
  size: 2,
  users: Int32Array.of(0, 1),
  items: Int32Array.of(3, 0),
  positions: Int32Array.of(2, 0),
  history: { offsets: Int32Array.of(0, 2, 2), items: Int32Array.of(3, 1) },
  values: new Float32Array(2),
  atMs: new Float64Array(2),
  fresh: 2,
  sequence: 0,
};
const LOGITS = [
  [0.5, 2, -1, 1, 0],
  [3, 0, 0, -2, 1],
];

function participant(name: string, logits = LOGITS): BridgeParticipant {
  return {
    name,
    predict: async (_: unknown, candidates: { readonly kind: string; readonly items: Int32Array }) =>
      Float32Array.from(logits.flatMap((row) => [...candidates.items].map((item) => row[item]))),
  } as unknown as BridgeParticipant;
}

const softmax = (logits: readonly number[], temperature: number): number[] => {
  const powers = logits.map((logit) => Math.exp(logit / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};
const close = (actual: Iterable<number>, expected: readonly number[]): void => {
  const values = [...actual];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
};

describe.each([1, 2.5])('beliefs at temperature %d', (temperature) => {
  const masked = [softmax([0.5, -Infinity, -1, 1, 0], temperature), softmax(LOGITS[1], temperature)];

  it('are a softmax over what a user has not met, and what it meets now', async () => {
    const beliefs = await beliefsOf(participant('d'), BATCH, Int32Array.of(0, 1, 2, 3, 4), temperature);
    close(lessonOf(beliefs, 'l', Float32Array.of(1, 0.5)).target, masked.flat());
    close(beliefs.truth, [Math.log(masked[0][3]), Math.log(masked[1][0])]);
  });

  it('are over some of the items where asked so; a true item that is not among them is not believed in', async () => {
    const beliefs = await beliefsOf(participant('d'), BATCH, Int32Array.of(1, 2, 3), temperature);
    const some = [softmax([-Infinity, -1, 1], temperature), softmax([0, 0, -2], temperature)];
    close(lessonOf(beliefs, 'l', Float32Array.of(1, 1)).target, some.flat());
    close([beliefs.truth[0]], [Math.log(some[0][2])]);
    expect(beliefs.truth[1]).toBe(-Infinity);
  });

  it('become a lesson that says nothing in rows of weight zero', async () => {
    const beliefs = await beliefsOf(participant('d'), BATCH, Int32Array.of(0, 1, 2, 3, 4), temperature);
    const weight = Float32Array.of(0, 2);
    const lesson = lessonOf(beliefs, 'l', weight);
    expect(lesson).toMatchObject({
      kind: 'predictions',
      from: 'd',
      to: 'l',
      temperature,
      weight,
      candidates: { kind: 'shared', items: Int32Array.of(0, 1, 2, 3, 4) },
    });
    close(lesson.target, [0, 0, 0, 0, 0, ...masked[1]]);
  });
});

describe('the confidence gate', () => {
  it('lets a row be taught only where the teacher gives its true item more than the student does', async () => {
    const all = Int32Array.of(0, 1, 2, 3, 4);
    const teacher = await beliefsOf(participant('t'), BATCH, all, 1);
    const better = await beliefsOf(
      participant('s', [
        [0.5, 2, -1, 0, 0],
        [9, 0, 0, -2, 1],
      ]),
      BATCH,
      all,
      1,
    );
    expect([...whereTeacherKnowsBetter(teacher, better, 1.5)]).toEqual([1.5, 0]);
    expect([...whereTeacherKnowsBetter(better, teacher, 1.5)]).toEqual([0, 1.5]);
    expect([...whereTeacherKnowsBetter(teacher, teacher, 1.5)], 'a draw teaches nobody').toEqual([0, 0]);
  });

  it('teaches no row whose true item is not ranked', async () => {
    const some = Int32Array.of(1, 2);
    const [teacher, student] = [
      await beliefsOf(participant('t'), BATCH, some, 1),
      await beliefsOf(
        participant('s', [
          [5, 5, 5, 5, 5],
          [0, 1, 2, 3, 4],
        ]),
        BATCH,
        some,
        1,
      ),
    ];
    expect([...whereTeacherKnowsBetter(teacher, student, 1)]).toEqual([0, 0]);
  });
});
