import type { ReportTable } from '@tandem-rec/evaluation';
import type { ModelReport, ReportRow } from '../bench-models.ts';
import type { CostGoal } from '../goals.ts';
import { allPeers } from '../peers/peers-beside.ts';
import type { PeerFigures } from '../peers/recorded-peers.ts';
import { STREAMED } from '../streamed-settings.ts';
import { SPLITS, SPLIT_NAMES, type SplitName } from '../splits.ts';
import { peerMarks, type Marked } from './peer-marks.ts';
import { digits, four, ratio, reaches, seconds, whole } from './report-table.ts';

/** What a report says of one split. */
export interface SplitTables {
  readonly split: SplitName;
  readonly rows: readonly ReportRow[];
  /** Quality, costs, and further peers if there are any. */
  readonly tables: readonly ReportTable[];
}

/** The tables of every split that has rows. */
export function splitTables(report: ModelReport): readonly SplitTables[] {
  const { marked } = peerMarks(report);
  return SPLIT_NAMES.flatMap((split) => {
    const rows = report.rows
      .filter((row) => row.split === split && !row.model.endsWith(STREAMED))
      .toSorted((a, b) => place(a) - place(b));
    if (rows.length === 0) return [];
    const title = `${split}: ${SPLITS[split].summary}`;
    const further = rows.flatMap((row) => (row.otherPeers ?? []).map((peer) => [row, peer] as const));
    const tables = [
      qualityTable(`${title}, @${SPLITS[split].cutoff}`, rows, marked),
      costTable(`Cost on ${split}`, rows, marked),
    ];
    if (further.length > 0) tables.push(furtherTable(`Further peers on ${split}`, further, marked));
    return [{ split, rows, tables }];
  });
}

/** Models by family, simple ones first. */
const ORDER = [
  ...['popularity', 'item-knn-cosine', 'item-knn-bm25', 'ease', 'gfcf'],
  ...['ials', 'ials-256', 'bpr', 'warp', 'softmax-mf', 'lightgcn', 'ngcf', 'fism'],
  ...['sasrec', 'bert4rec', 'gru4rec', 'caser'],
];

/** A row's place: by model, those that are not named last. */
function place({ model }: ReportRow): number {
  const at = ORDER.indexOf(model.replace('+v', ''));
  return at === -1 ? ORDER.length : at;
}

function qualityTable(title: string, rows: readonly ReportRow[], marked: Marked): ReportTable {
  return {
    title,
    head: ['model', 'NDCG', 'floor', 'recall', 'floor', 'reached', 'peer', "peer's NDCG", "peer's recall"],
    rows: rows.map((row) => [
      row.model,
      four(row.ndcg),
      row.goal ? digits(row.goal.ndcg) : '',
      four(row.recall),
      row.goal?.recall === undefined ? '' : digits(row.goal.recall),
      verdict(row),
      marked(row, row.peer),
      four(row.peer?.ndcg),
      four(row.peer?.recall),
    ]),
    remarks: meansOf(rows),
  };
}

/** Rows that are means over several seeds. */
function meansOf(rows: readonly ReportRow[]): readonly string[] {
  const several = rows.filter(({ seeds = 1 }) => seeds > 1);
  return [...new Set(several.map(({ seeds }) => seeds))].map(
    (seeds) =>
      `Means over ${seeds} seeds: ${several
        .filter((row) => row.seeds === seeds)
        .map(({ model }) => model)
        .join(', ')}.`,
  );
}

/** `ok` if the floors are reached, to their last digits; nothing where there is none. */
export function verdict({ ndcg, recall, goal }: Pick<ReportRow, 'ndcg' | 'recall' | 'goal'>): string {
  if (goal === undefined) return '';
  return reaches(ndcg, goal.ndcg) && reaches(recall, goal.recall ?? 0) ? 'ok' : 'below';
}

function costTable(title: string, rows: readonly ReportRow[], marked: Marked): ReportTable {
  const beside = ["peer's", 'ours/peer'];
  return {
    title,
    head: [
      ...['model', 'peer', 'goal', 'reached', 'threads', 'epochs'],
      ...['CPU s/epoch', ...beside],
      ...['CPU s', ...beside],
      ...['top-k CPU s', ...beside],
      ...['RSS MB', "peer's", 'backend'],
    ],
    rows: rows.map(({ peer, ...row }) => {
      const timed = (figure: 'cpuSecondsPerEpoch' | 'cpuSeconds' | 'topkCpuSeconds'): readonly string[] => [
        seconds(row[figure]),
        seconds(peer?.[figure]),
        ratio(row[figure], peer?.[figure]),
      ];
      return [
        row.model,
        marked(row, peer),
        (row.costGoals ?? []).map(costGoalText).join(', '),
        costVerdict({ ...row, ...(peer && { peer }) }),
        String(row.run.threads),
        String(row.epochs),
        ...timed('cpuSecondsPerEpoch'),
        ...timed('cpuSeconds'),
        ...timed('topkCpuSeconds'),
        whole(row.rssMb),
        whole(peer?.rssMb),
        row.backend,
      ];
    }),
  };
}

const FIGURES = { cpuSecondsPerEpoch: 's/epoch', cpuSeconds: 's', rssMb: 'MB' } as const;

function costGoalText({ figure, atMost }: CostGoal): string {
  const bound =
    typeof atMost === 'number' ? String(atMost) : `${atMost.times === 1 ? '' : `${atMost.times} × `}${atMost.peer}`;
  return `${FIGURES[figure]} ≤ ${bound}`;
}

/** `ok` if it costs no more than it should; nothing where that is not known. */
export function costVerdict(row: ReportRow): string {
  const verdicts = (row.costGoals ?? []).map(({ figure, atMost }) => {
    const most = typeof atMost === 'number' ? atMost : times(atMost.times, peerNamed(row, atMost.peer)?.[figure]);
    return most === undefined ? undefined : row[figure] <= most;
  });
  if (verdicts.includes(false)) return 'above';
  return verdicts.includes(true) ? 'ok' : '';
}

const times = (factor: number, value: number | undefined): number | undefined =>
  value === undefined ? undefined : factor * value;

const peerNamed = (row: ReportRow, start: string): PeerFigures | undefined =>
  allPeers(row).find(({ peer }) => peer.startsWith(start));

function furtherTable(
  title: string,
  pairs: readonly (readonly [row: ReportRow, peer: PeerFigures])[],
  marked: Marked,
): ReportTable {
  return {
    title,
    head: [
      ...['beside', 'peer', 'NDCG', 'recall'],
      ...['CPU s/epoch', 'ours/peer', 'CPU s', 'ours/peer', 'top-k CPU s', 'ours/peer', 'RSS MB'],
    ],
    rows: pairs.map(([row, peer]) => [
      row.model,
      marked(row, peer),
      four(peer.ndcg),
      four(peer.recall),
      seconds(peer.cpuSecondsPerEpoch),
      ratio(row.cpuSecondsPerEpoch, peer.cpuSecondsPerEpoch),
      seconds(peer.cpuSeconds),
      ratio(row.cpuSeconds, peer.cpuSeconds),
      seconds(peer.topkCpuSeconds),
      ratio(row.topkCpuSeconds, peer.topkCpuSeconds),
      whole(peer.rssMb),
    ]),
  };
}
