import { nestedRuns } from '@tandem-rec/data';
import type { Batch, Lesson, PredictionLesson, Rng } from '@tandem-rec/contract';
import type { Competition } from './competition.ts';
import { oldestFirst, withHistory } from './histories.ts';
import type { Example } from './sequence-batch.ts';
import type { SequenceTask } from './sequence-task.ts';

/** All that a step learns from. */
export interface Lecture {
  readonly examples: readonly Example[];
  readonly competition: Competition;
  readonly lessons: readonly PredictionLesson[];
  /** The rows of the batch that the lessons are about: those of some weight whose users have a past. */
  readonly asked: Int32Array;
  readonly answers: Answers;
}

/** Whose states answer for the rows that are asked: tokens of the examples, or queries of their own. */
export type Answers =
  | { readonly kind: 'examples'; readonly places: readonly Place[] }
  | { readonly kind: 'queries'; readonly queries: readonly Int32Array[] };

/** A token of an example, which is asked for what follows it. */
interface Place {
  readonly example: number;
  readonly token: number;
}

/** Examples and nothing else. */
export const lectureOn = (examples: readonly Example[], competition: Competition): Lecture => ({
  examples,
  competition,
  lessons: [],
  asked: new Int32Array(0),
  answers: { kind: 'examples', places: [] },
});

/**
 * What a batch and the lessons for it ask. Rows that follow each other in the life of one user (`nestedRuns`) are one sequence,
 * behind the newest `maxLength` items of what came before the first of them; a lone row is its history with its item behind.
 * Where the network is causal, every item of a sequence is asked for once, and lessons about a row use the state
 * that is asked for its item. Elsewhere a sequence asks what it does in a pass of `fit`, a lone row once, and a row of lessons is a query.
 */
export function lectureOf(
  batch: Batch,
  lessons: readonly Lesson[],
  task: SequenceTask,
  maxLength: number,
  rng: Rng,
): Omit<Lecture, 'competition'> {
  const taught = lessons.filter((lesson) => lesson.kind === 'predictions');
  const asked = withHistory(batch).filter((b) => taught.some(({ weight }) => weight[b] > 0));
  const wanted = taught.filter(({ weight }) => asked.some((b) => weight[b] > 0));
  const examples: Example[] = [];
  const placeOf: Place[] = [];
  const runs = nestedRuns(batch);
  for (let r = 0; r + 1 < runs.length; r++) {
    const [first, end] = [runs[r], runs[r + 1]];
    const past = oldestFirst(batch, first, maxLength);
    const sequence = new Int32Array(past.length + end - first);
    sequence.set(past);
    sequence.set(batch.items.subarray(first, end), past.length);
    if (!task.windows) {
      const pass = end - first > 1 ? task.pass?.(sequence, rng) : undefined;
      examples.push(...(pass ?? [task.example(sequence, rng)]).filter(({ tokens }) => tokens.length > 0));
      continue;
    }
    for (const { from, to, asked: least } of task.windows(sequence.length)) {
      const targets = sequence.slice(from + 1, to + 1).fill(-1, 0, least - from - 1);
      for (let item = Math.max(least, past.length); item <= to; item++)
        placeOf[first + item - past.length] = { example: examples.length, token: item - 1 - from };
      examples.push({ tokens: sequence.subarray(from, to), targets });
    }
  }
  const answers: Answers = task.windows
    ? { kind: 'examples', places: Array.from(asked, (b) => placeOf[b]) }
    : { kind: 'queries', queries: Array.from(asked, (b) => task.query(oldestFirst(batch, b))) };
  return { examples, lessons: wanted, asked, answers };
}
