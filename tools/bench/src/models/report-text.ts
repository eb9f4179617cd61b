import type { ModelReport, ReportRow } from './bench-models.ts';
import { textTable } from '../text-table.ts';
import { extraTables } from './extra-tables.ts';
import { SPLITS, SPLIT_NAMES } from './splits.ts';

/** Head of the table in every form. */
export const HEAD = [
  'model',
  'NDCG',
  'floor',
  '',
  'recall',
  'epochs',
  'CPU s/epoch',
  'CPU s',
  'top-k CPU s',
  'RSS MB',
  'backend',
  'peer',
  'NDCG',
  'CPU s/epoch',
  'CPU s',
  'top-k CPU s',
  'RSS MB',
] as const;

/** A row of it, in the order of `HEAD`. */
export function cells({ goal, peer, ...row }: ReportRow): readonly string[] {
  return [
    row.model,
    row.ndcg.toFixed(4),
    goal ? digits(goal.ndcg) : '',
    goal ? verdict(row, goal) : '',
    row.recall.toFixed(4),
    String(row.epochs),
    seconds(row.cpuSecondsPerEpoch),
    seconds(row.cpuSeconds),
    seconds(row.topkCpuSeconds),
    row.rssMb.toFixed(0),
    row.backend,
    peer?.peer ?? '',
    peer?.ndcg?.toFixed(4) ?? '',
    seconds(peer?.cpuSecondsPerEpoch),
    seconds(peer?.cpuSeconds),
    seconds(peer?.topkCpuSeconds),
    peer?.rssMb?.toFixed(0) ?? '',
  ];
}

/** `ok` if the floor is reached as it is written, to its last digit. */
export function verdict(
  { ndcg, recall }: Pick<ReportRow, 'ndcg' | 'recall'>,
  goal: NonNullable<ReportRow['goal']>,
): string {
  const reaches = (value: number, floor: number): boolean => Number(value.toFixed(4)) >= floor;
  return reaches(ndcg, goal.ndcg) && (goal.recall === undefined || reaches(recall, goal.recall)) ? 'ok' : 'below';
}

/** The rows of a report by split, those without rows left out. */
export function bySplit({
  rows,
}: ModelReport): readonly { readonly title: string; readonly rows: readonly ReportRow[] }[] {
  return SPLIT_NAMES.flatMap((name) => {
    const own = rows.filter(({ split }) => split === name);
    return own.length === 0 ? [] : [{ title: `${name}: ${SPLITS[name].summary}, @${SPLITS[name].cutoff}`, rows: own }];
  });
}

/** What the figures are of, in a line. */
export const aboutRun = ({ date, cpu, cores, threads, node, part }: ModelReport): string =>
  `${date}, ${cpu}, ${cores} cores, ${threads} thread${threads === 1 ? '' : 's'} used, Node ${node}${part === 'valid' ? ', ranked on validation' : ''}`;

/** What was not run and why, a line each. */
export const notRun = ({ failed, missingPeers }: ModelReport): readonly string[] => [
  ...failed.map(({ split, model, reason }) => `${model} on ${split} was not measured: ${reason}`),
  ...missingPeers.map(({ peer, reason }) => `Peer ${peer} was not measured: ${reason}`),
];

/** Where the peers' figures come from. */
export const sources = ({ rows }: ModelReport): readonly string[] => [
  ...new Set(rows.flatMap(({ peer }) => (peer ? [peer.source] : []))),
];

/** The tables for people. */
export function modelsText(report: ModelReport): string {
  const tables = bySplit(report).map(({ title, rows }) => `${title}\n${textTable(HEAD, rows.map(cells))}`);
  const peers = sources(report).map((source) => `Peers: ${source}.`);
  const extra = extraTables(report).map(({ title, head, rows }) => `${title}\n${textTable(head, rows)}`);
  return [aboutRun(report), ...tables, ...peers, ...extra, ...notRun(report)]
    .filter((part) => part !== '')
    .join('\n\n');
}

const digits = (value: number): string => value.toFixed(4).replace(/0+$/, '');
const seconds = (value: number | undefined): string =>
  value === undefined ? '' : value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
