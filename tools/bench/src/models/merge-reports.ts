import type { ModelReport, ReportRow } from './bench-models.ts';
import { goalsOf } from './goals.ts';
import { allPeers, peersBeside } from './peers/peers-beside.ts';
import { ratingPeers } from './peers/recorded-rating-peers.ts';
import type { RunAbout } from './run-about.ts';

/**
 * One report of several: of figures about the same the newest, each with the run that measured it. A peer that one of
 * the runs measured stays beside its row, whoever measured the row last. Date and machine are the newest run's.
 */
export function mergedReports(reports: readonly [ModelReport, ...ModelReport[]]): ModelReport {
  const byAge = reports.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const all = byAge.flatMap((one) => one.rows);
  const rows = newest(all, nameOf).map((row) => ({ ...row, ...goalsOf(nameOf(row)), ...peersOf(row, all) }));
  const names = new Set(rows.map(nameOf));
  const growth = newest(
    byAge.flatMap((one) => one.growth ?? []),
    ({ model, events }) => `${model} ${events}`,
  );
  const topK = newest(
    byAge.flatMap((one) => one.topK ?? []),
    ({ name }) => name,
  );
  const streams = newest(
    byAge.flatMap((one) => one.streams ?? []),
    ({ stream, model }) => `${stream} ${model}`,
  );
  const rated = byAge.flatMap((one) => one.ratings ?? []);
  const ratings = newest(rated, ({ model }) => model).map((row) => {
    const same = rated.filter(({ model }) => model === row.model).flatMap(({ peers }) => peers);
    return { ...row, peers: ratingPeers(row.model, byRun(same)) };
  });
  return {
    ...byAge.at(-1)!,
    rows,
    failed: reports.flatMap(({ failed }) => failed).filter((failure) => !names.has(nameOf(failure))),
    missingPeers: [...new Map(byAge.flatMap((one) => one.missingPeers).map((one) => [one.peer, one])).values()],
    ...(growth.length > 0 && { growth }),
    ...(topK.length > 0 && { topK }),
    ...(streams.length > 0 && { streams }),
    ...(ratings.length > 0 && { ratings }),
  };
}

const nameOf = ({ split, model }: { readonly split: string; readonly model: string }): string => `${split} ${model}`;

/** The newest of each name, in the order in which the names first came. `figures` may come in any order. */
function newest<T extends { readonly run: RunAbout }>(
  figures: readonly T[],
  name: (figure: T) => string,
): readonly T[] {
  const found = new Map<string, T>();
  for (const figure of figures) {
    const other = found.get(name(figure));
    if (other === undefined || other.run.startedAt <= figure.run.startedAt) found.set(name(figure), figure);
  }
  return [...found.values()];
}

/** The peers of a row, as measured beside it or beside an earlier or later one of its name. */
function peersOf(row: ReportRow, all: readonly ReportRow[]): ReturnType<typeof peersBeside> {
  const same = all.filter((one) => nameOf(one) === nameOf(row)).flatMap(allPeers);
  return peersBeside(row.split, row.model, byRun(same));
}

/** Those that one of our runs measured, the earliest first. */
function byRun<T extends { readonly run?: RunAbout }>(peers: readonly T[]): readonly T[] {
  const startedAt = ({ run }: T): string => run?.startedAt ?? '';
  return peers.filter(({ run }) => run !== undefined).toSorted((a, b) => (startedAt(a) < startedAt(b) ? -1 : 1));
}
