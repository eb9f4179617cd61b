import type { Batch, Bridge, BridgeParticipant, Lesson, PredictionLesson } from '@tandem-rec/contract';
import { beliefsOf, type Beliefs, type Guard } from '@tandem-rec/exchange';

/**
 * The lessons as they may be heard: one of predictions weighs what its teacher was measured to bring, on events that nobody
 * has learned; others pass. To measure, teacher and student are asked once more.
 */
export async function guarded(
  lessons: readonly Lesson[],
  batch: Batch,
  { domain, language, statistics: { itemCounts } }: Bridge,
  guard: Guard,
): Promise<readonly Lesson[]> {
  if (!guard.on) return lessons;
  const participants = new Map([...domain, ...language].map((participant) => [participant.name, participant]));
  const believe = ({ candidates, temperature }: PredictionLesson, name: string, about: Batch): Promise<Beliefs> =>
    beliefsOf(participants.get(name) as BridgeParticipant, about, candidates.items, temperature);
  const measure = async (lesson: PredictionLesson, about: Batch) => {
    const [teacher, student] = [await believe(lesson, lesson.from, about), await believe(lesson, lesson.to, about)];
    guard.measure(teacher, student, about, itemCounts);
    return { teacher, student };
  };
  await guard.examine(batch, async (heldOut) => {
    for (const lesson of lessons) if (canBeMeasured(lesson)) await measure(lesson, heldOut);
  });
  const heard: Lesson[] = [];
  for (const lesson of lessons) {
    if (!canBeMeasured(lesson)) {
      heard.push(lesson);
      continue;
    }
    const { teacher, student } = await measure(lesson, batch);
    heard.push(...guard.lesson(saying(teacher, lesson), student, lesson.weight, itemCounts));
  }
  return heard;
}

const canBeMeasured = (lesson: Lesson): lesson is PredictionLesson =>
  lesson.kind === 'predictions' && lesson.candidates.kind === 'shared';

/** A teacher's beliefs as the lesson tells them. */
const saying = (teacher: Beliefs, { target, temperature }: PredictionLesson): Beliefs => ({
  ...teacher,
  scores: target.map((mass) => temperature * Math.log(mass)),
});
