import type {
  Batch,
  Candidates,
  Knowledge,
  Lesson,
  Matrix,
  PredictionLesson,
  RepresentationLesson,
} from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { codeThrown, expectClose, expectScores } from '../assertions.ts';
import { raggedCandidates } from '../fixtures/tiny-world.ts';
import { ONE_SIDE } from './knowledge-checks.ts';
import type { Subject } from './participant-conformance.ts';
import { days, type Stage } from './stage.ts';

const TAUGHT = { from: 'teacher', to: 'under-test' } as const;
const WIDTH = 5;

/** One skipped test that says why the others are not there. */
const notTaken = (knowledge: Knowledge): void => it('is learned', ({ skip }) => skip(`it does not take ${knowledge}`));

/** What each kind of lesson does to who takes it. */
export function lessonChecks({ declared: { takes }, steps, open }: Subject): void {
  /** The same stage twice: one to be taught, one to compare with. */
  async function pair(): Promise<readonly [Stage, Stage, Batch, Batch]> {
    const [taught, control] = [await open(), await open()];
    for (const stage of [taught, control]) await stage.live(days(0, 2));
    return [taught, control, taught.world.meet(days(2, 1)[0]), control.world.meet(days(2, 1)[0])];
  }

  describe('a lesson of predictions', () => {
    if (!takes.includes('predictions')) return notTaken('predictions');
    for (const kind of ['shared', 'ragged'] as const)
      it(`moves its predictions toward the target, with ${kind} candidates`, async () => {
        const [taught, control, batch] = await pair();
        const lesson = predictionLesson(batch, candidatesFor(kind, taught, batch), 1);
        for (let step = 0; step < steps; step++) {
          await taught.learn(taught.world.replayOf(batch), [lesson]);
          await control.learn(control.world.replayOf(batch));
        }
        const divergence = async (stage: Stage): Promise<number> =>
          divergenceOf(lesson, (await stage.participant.predict(batch, lesson.candidates)).slice());
        expect(
          await divergence(taught),
          `after ${steps} steps KL(target ‖ prediction) must be smaller than after the same steps without the lesson`,
        ).toBeLessThan(await divergence(control));
      });

    it('reports its loss as a finite number of its own', async () => {
      const [taught, , batch] = await pair();
      const without = Object.keys((await taught.participant.learn!(batch, [], { dryRun: true })).losses);
      const { losses } = await taught.participant.learn!(
        batch,
        [predictionLesson(batch, candidatesFor('shared', taught, batch), 1)],
        { dryRun: true },
      );
      expect(Object.keys(losses).length, 'a lesson has a loss of its own beside those without it').toBeGreaterThan(
        without.length,
      );
    });

    it('of weight 0 changes nothing', async () => {
      await weightZero((stage, batch) => predictionLesson(batch, candidatesFor('shared', stage, batch), 0));
    });
  });

  describe('a lesson of representations', () => {
    if (!takes.includes('representations')) return notTaken('representations');
    for (const side of ['item', 'user'] as const)
      for (const loss of ['cosine', 'mse', 'info-nce'] as const)
        it(`about ${side}s with the loss ${loss} is learned`, async ({ skip }) => {
          const [taught, , batch] = await pair();
          const lesson = await representationLesson(taught, side, loss, 1);
          skip((await codeThrown(() => taught.loss(batch, [lesson]))) === ONE_SIDE, `it takes no vectors of ${side}s`);
          const before = await taught.loss(batch, [lesson]);
          skip(before === undefined, 'it reports no loss');
          for (let step = 0; step < steps; step++) await taught.learn(taught.world.replayOf(batch), [lesson]);
          expect(
            await taught.loss(taught.world.replayOf(batch), [lesson]),
            `after ${steps} steps the loss with the lesson must be lower`,
          ).toBeLessThan(before!);
          expectScores(
            await taught.opinions(),
            taught.world.users * taught.world.items,
            'after a lesson of representations',
          );
        });

    it('of weight 0 changes nothing', async () => {
      await weightZero((stage) => representationLesson(stage, 'item', 'cosine', 0));
    });
  });

  describe('a lesson of text', () => {
    if (!takes.includes('text')) return notTaken('text');
    it('can be learned, whatever the words', async () => {
      const [taught, , batch] = await pair();
      for (const [side, rows] of [
        ['item', taught.world.allItems],
        ['user', taught.world.allUsers],
      ] as const) {
        const texts = [...rows].map((row) => (row % 3 ? `said of ${row}: é 漢字 🙂` : ''));
        await taught.learn(taught.world.replayOf(batch), [{ ...TAUGHT, kind: 'text', side, rows, texts, weight: 1 }]);
      }
      expectScores(await taught.opinions(), taught.world.users * taught.world.items, 'after lessons of text');
    });
  });

  it('a kind of lesson it does not take is ignored, not a crash', async ({ skip }) => {
    const stage = await open();
    skip(!stage.participant.learn, 'it has no learn');
    const batch = stage.world.meet(days(0, 1)[0]);
    const lessons: readonly Lesson[] = [
      predictionLesson(batch, candidatesFor('shared', stage, batch), 1),
      await representationLesson(stage, 'item', 'cosine', 1),
      { ...TAUGHT, kind: 'text', side: 'item', rows: Int32Array.of(0), texts: ['words'], weight: 1 },
    ];
    for (const lesson of lessons) if (!takes.includes(lesson.kind)) await stage.learn(batch, [lesson]);
  });

  async function weightZero(lessonFor: (stage: Stage, batch: Batch) => Lesson | Promise<Lesson>): Promise<void> {
    const [taught, control, batch, same] = await pair();
    await taught.learn(batch, [await lessonFor(taught, batch)]);
    await control.learn(same);
    expectClose(await taught.opinions(), await control.opinions(), 'a lesson of weight 0 must teach nothing', 1e-4);
  }
}

function candidatesFor(kind: Candidates['kind'], { world }: Stage, batch: Batch): Candidates {
  const items = world.allItems.subarray(0, 8);
  return kind === 'shared'
    ? { kind, items }
    : raggedCandidates(Array.from(batch.users, (user) => items.subarray(0, 4 + (user % 3))));
}

/** Nearly all on one candidate that has nothing to do with what the user did. */
function predictionLesson(batch: Batch, candidates: Candidates, weight: number): PredictionLesson {
  const target = new Float32Array(
    candidates.kind === 'shared' ? batch.size * candidates.items.length : candidates.items.length,
  );
  for (let b = 0; weight > 0 && b < batch.size; b++) {
    const [start, end] = rangeOf(candidates, b);
    target.fill(0.1 / (end - start), start, end);
    target[start + ((b * 3 + 1) % (end - start))] += 0.9;
  }
  return {
    ...TAUGHT,
    kind: 'predictions',
    candidates,
    target,
    temperature: 1,
    weight: new Float32Array(batch.size).fill(weight),
  };
}

function rangeOf(candidates: Candidates, row: number): readonly [number, number] {
  const n = candidates.items.length;
  return candidates.kind === 'shared'
    ? [row * n, (row + 1) * n]
    : [candidates.offsets[row], candidates.offsets[row + 1]];
}

/** Mean over rows of KL(target ‖ softmax(scores)). */
function divergenceOf({ candidates, target, weight }: PredictionLesson, scores: Float32Array): number {
  let sum = 0;
  for (let b = 0; b < weight.length; b++) {
    const [start, end] = rangeOf(candidates, b);
    const row = scores.subarray(start, end);
    const highest = row.reduce((a, score) => Math.max(a, score), -Infinity);
    const logSum = highest + Math.log(row.reduce((total, score) => total + Math.exp(score - highest), 0));
    for (let i = start; i < end; i++) if (target[i] > 0) sum += target[i] * (Math.log(target[i]) - scores[i] + logSum);
  }
  return sum / weight.length;
}

/** Vectors as wide as its own of items, if it has any: some can only learn from those. */
async function representationLesson(
  { world, participant }: Stage,
  side: 'item' | 'user',
  loss: RepresentationLesson['loss'],
  weight: number,
): Promise<RepresentationLesson> {
  const rows = (side === 'item' ? world.allItems : world.allUsers).slice(0, 6);
  const own = await participant.represent?.('item', rows.subarray(0, 1)).catch(() => undefined);
  const cols = own?.cols ?? WIDTH;
  const target: Matrix = {
    rows: rows.length,
    cols,
    data: Float32Array.from({ length: rows.length * cols }, (_, i) => Math.sin(i * 1.7 + 1)),
  };
  return { ...TAUGHT, kind: 'representations', side, rows, target, loss, temperature: 0.5, weight };
}
