import { TandemError, type Batch, type Plan, type SharingStrategy } from '@tandem-rec/contract';
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
 * learning rates of the step.
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
): Promise<Losses> {
  const start = now();
  const { lessons, learners } = strategy ? await strategy.exchange(batch, module.bridge) : NO_LESSONS;
  const exchanged = now();
  const losses: Record<string, Readonly<Record<string, number>>> = {};
  const steps: Parameters<InformationSharingModule['apply']>[0][number][] = [];
  for (const { part, instance } of seats) {
    if (!instance.learn || skip.has(part.name) || (learners && !learners.includes(part.name))) continue;
    const before = now();
    const step = await instance.learn(
      batch,
      lessons.filter(({ to }) => to === part.name),
      { rate },
    );
    for (const [name, loss] of Object.entries(step.losses))
      if (!Number.isFinite(loss))
        throw new TandemError(
          'TANDEM_NOT_FINITE',
          `The ${name} loss of ${part.name} is ${loss} at event ${batch.sequence}.`,
        );
    times.learnBy[part.name] = (times.learnBy[part.name] ?? 0) + now() - before;
    losses[part.name] = step.losses;
    steps.push({ name: part.name, step });
  }
  const learned = now();
  module.apply(steps, rate);
  times.exchange += exchanged - start;
  times.learn += learned - exchanged;
  times.apply += now() - learned;
  return losses;
}
