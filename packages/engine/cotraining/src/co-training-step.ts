import { TandemError, type Batch, type Lesson, type Plan, type SharingStrategy, type Step } from '@tandem-rec/contract';
import { Away } from './attendance.ts';
import { Faults } from './faults.ts';
import { faultOf } from './lesson-faults.ts';
import type { InformationSharingModule, Seat } from './information-sharing-module.ts';

/** Mean losses of each participant, by participant and loss name. */
export type Losses = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Milliseconds spent, added up over steps. */
export interface StepTimes {
  exchange: number;
  learn: number;
  /** `learn` by participant. */
  readonly learnBy: Record<string, number>;
  apply: number;
}

const NO_LESSONS: Plan = { lessons: [] };

/**
 * One step of co-training: the strategy makes the lessons, everybody learns from the batch and the lessons addressed to
 * it, then the shared rows change in one place. `skip` names participants that sit this batch out; `rate` scales the
 * learning rates of the step. Lessons that nobody can learn from (not finite, exploding, of the wrong shape) and gradients
 * for others' rows that are not finite are dropped and counted; who is away learns nothing.
 */
export async function coTrainingStep(
  batch: Batch,
  seats: readonly Seat[],
  module: InformationSharingModule,
  strategy: SharingStrategy | undefined,
  skip: ReadonlySet<string>,
  times: StepTimes,
  now: () => number,
  rate = 1,
  faults = new Faults(),
): Promise<Losses> {
  const start = now();
  const plan = strategy ? await strategy.exchange(batch, module.bridge) : NO_LESSONS;
  const lessons = plan.lessons.filter((lesson) => isSound(lesson, batch, faults));
  const { learners } = plan;
  const exchanged = now();
  const losses: Record<string, Readonly<Record<string, number>>> = {};
  const steps: Parameters<InformationSharingModule['apply']>[0][number][] = [];
  for (const { part, instance } of seats) {
    if (!instance.learn || skip.has(part.name) || (learners && !learners.includes(part.name))) continue;
    const before = now();
    const own = lessons.filter(({ to }) => to === part.name);
    const step = await instance.learn(batch, own, { rate }).catch(nothingIfAway);
    if (step === undefined) continue;
    for (const [name, loss] of Object.entries(step.losses))
      if (!Number.isFinite(loss))
        throw new TandemError(
          'TANDEM_NOT_FINITE',
          `The ${name} loss of ${part.name} is ${loss} at event ${batch.sequence}.`,
        );
    times.learnBy[part.name] = (times.learnBy[part.name] ?? 0) + now() - before;
    losses[part.name] = step.losses;
    steps.push({ name: part.name, step: withoutBrokenTeaching(part.name, step, faults) });
  }
  const learned = now();
  module.apply(steps, rate);
  times.exchange += exchanged - start;
  times.learn += learned - exchanged;
  times.apply += now() - learned;
  return losses;
}

function isSound(lesson: Lesson, batch: Batch, faults: Faults): boolean {
  const fault = faultOf(lesson, batch);
  if (fault === undefined) return true;
  const { kind, from, to } = lesson;
  faults.note(
    `${from} → ${to}: lesson of ${kind} dropped`,
    `A lesson of ${kind} from ${from} to ${to} is dropped: ${fault}.`,
    {
      event: batch.sequence,
    },
  );
  return false;
}

/** Gradients for the rows of others are a lesson too. Those for its own rows are its own affair: the tables look at them. */
function withoutBrokenTeaching(name: string, step: Step, faults: Faults): Step {
  const broken = step.rowGradients.filter(
    ({ table, values }) => !table.startsWith(`${name}/`) && !values.every(Number.isFinite),
  );
  if (broken.length === 0) return step;
  for (const { table } of broken)
    faults.note(
      `${name} → ${table}: gradients dropped`,
      `Gradients of ${name} for ${table} are dropped: they are not finite.`,
    );
  return { ...step, rowGradients: step.rowGradients.filter((one) => !broken.includes(one)) };
}

function nothingIfAway(error: unknown): undefined {
  if (!(error instanceof Away)) throw error;
}
