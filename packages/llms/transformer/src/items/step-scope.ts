import type { Attachment, Batch, Lesson, PredictionLesson, Rng } from '@tandem-rec/contract';
import { nestedRuns } from '@tandem-rec/data';
import type { LessonColumns } from '../losses/distillation-loss.ts';
import type { NamedPasts } from '../pooling/pooling.ts';
import { addNewestItems } from './add-newest-items.ts';
import { addRankedItems, type RankedItems } from './add-ranked-items.ts';
import type { Items, ItemVectors } from './item-vectors.ts';
import { metColumns, type MetColumns } from './met-columns.ts';
import type { Universe } from './universe.ts';

/** A prediction lesson with its candidates as columns of the step. */
export interface TaughtColumns {
  readonly lesson: PredictionLesson;
  readonly columns: LessonColumns;
}

/** What a step looks at, as positions among its items. */
export interface StepScope extends Items, RankedItems, MetColumns {
  readonly pasts: NamedPasts;
  /** Items that are scored: the first of all. Those that are ranked come first among them. */
  readonly columns: number;
  readonly targets: Int32Array;
  readonly lessons: readonly TaughtColumns[];
}

/** What a step's scope is made of. */
export interface ScopeSources {
  readonly universe: Universe;
  readonly items: ItemVectors;
  readonly attachment: Attachment;
  /** Newest items of a past that count. */
  readonly window: number;
  /** Items drawn to compete, where there are more. */
  readonly negatives: number;
  readonly rng: Rng;
}

/** Gathers the items that compete, that lessons are about and that users met last. */
export function stepScope(
  batch: Batch,
  lessons: readonly Lesson[],
  { universe, items, attachment, window, negatives, rng }: ScopeSources,
  dryRun: boolean,
): StepScope {
  universe.clear();
  const { ranked, logQ } = addRankedItems(universe, batch, attachment, negatives, rng);
  const taught = lessons
    .filter((lesson) => lesson.kind === 'predictions')
    .map((lesson) => ({ lesson, columns: universe.addCandidates(lesson.candidates) }));
  const columns = universe.size;
  const pasts = addNewestItems(universe, batch, window);
  for (const lesson of lessons)
    if (lesson.kind === 'representations' && lesson.side === 'item') universe.addAll(lesson.rows);

  if (!dryRun) items.observe(universe.rows);
  const described = items.of(universe.rows.slice(), dryRun ? undefined : rng);
  return {
    ...described,
    ...metColumns(batch, universe, ranked),
    pasts: { ...pasts, vectors: described.vectors, runs: nestedRuns(batch), users: batch.users, rows: described.rows },
    columns,
    ranked,
    logQ,
    targets: batch.items.map((row) => universe.position(row)),
    lessons: taught,
  };
}
