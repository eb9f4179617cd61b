import type { TrainingStatus } from '@tandem-rec/cotrainer';
import { integer, metric } from './text-table.ts';

/** What a run is doing, in one line and one a model: events, speed, lag, and how each expert ranked what it had not seen. */
export function progressLines(name: string, status: TrainingStatus | null, total?: number): string[] {
  if (status === null) return [`${name}: starting …`];
  const { counts, eventsPerSecond, users, items, lag, checkpoint, deadLetters } = status;
  const done = total === undefined ? '' : ` of ${integer(total)} (${Math.floor((100 * counts.records) / total)} %)`;
  const facts = [
    `${integer(total === undefined ? counts.events : counts.records)}${done} ${total === undefined ? 'events' : 'records'}`,
    `${integer(eventsPerSecond)}/s`,
    `${integer(users)} users`,
    `${integer(items)} items`,
    ...(lag === undefined || total !== undefined ? [] : [`lag ${integer(lag)}`]),
    ...(deadLetters > 0 ? [`${integer(deadLetters)} dead letters`] : []),
    ...faultsOf(status),
    ...(checkpoint ? [`checkpoint ${checkpoint.sequence}`] : []),
  ];
  return [`${name}: ${facts.join(' · ')}`, `  NDCG@10, newest events: ${expertsLine(status)}`, ...heardLines(status)];
}

/** What failed without ending the run: `words: predict fails 3`. */
export function faultsOf({ faults }: TrainingStatus): string[] {
  return Object.entries(faults).map(([what, count]) => `${what} ${integer(count)}`);
}

/** How far the guard lets each lesson be heard, by how often its items were met: `text → fism, item rows: 0 1.00 · 1-4 .48 …` */
export function heardLines({ heard }: TrainingStatus): string[] {
  return Object.entries(heard).map(
    ([lesson, { buckets, weights }]) =>
      `  heard, ${lesson}: ${buckets.map((bucket, k) => `${bucket} ${weights[k].toFixed(2)}`).join(' · ')}`,
  );
}

/** `fism .0812 · transformer .0790 · gate .0951` */
export function expertsLine({ prequential }: TrainingStatus): string {
  const experts = Object.entries(prequential.experts).map(
    ([expert, { recentNdcg }]) => `${expert} ${metric(recentNdcg)}`,
  );
  return experts.length > 0 ? experts.join(' · ') : 'nothing ranked yet';
}
