import type { ReportTable } from '@tandem-rec/evaluation';
import type { ModelReport } from '../bench-models.ts';
import type { RunAbout } from '../run-about.ts';
import { textTable } from '../../text-table.ts';
import { extraTables } from './extra-tables.ts';
import { peerMarks } from './peer-marks.ts';
import { digits, four } from './report-table.ts';
import { costVerdict, splitTables, verdict } from './split-tables.ts';

/** When and where the figures were measured, in a line: ranges where they are of several runs. */
export function aboutRuns(report: ModelReport): string {
  const runs = runsOf(report);
  const dates = runs.map(({ date }) => date).toSorted();
  const days = dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`;
  const machines = distinct(runs, ({ cpu, cores }) => `${cpu}, ${cores} cores`);
  const nodes = distinct(runs, ({ node }) => node);
  const threads = distinct(runs, (run) => `${run.threads}`);
  const used = `${threads} thread${threads === '1' ? '' : 's'} used`;
  return `${days}, ${machines}, ${used}, Node ${nodes}${report.part === 'valid' ? ', ranked on validation' : ''}`;
}

/** The runs that measured something of it; the report's own where nothing was measured. */
function runsOf(report: ModelReport): readonly RunAbout[] {
  const { rows, streams = [], ratings = [], growth = [], topK = [] } = report;
  const figures = [...rows, ...streams, ...ratings, ...growth, ...topK];
  return figures.length === 0 ? [report] : figures.map(({ run }) => run);
}

const distinct = (runs: readonly RunAbout[], text: (run: RunAbout) => string): string =>
  [...new Set(runs.map(text))].join(' or ');

/** Which rows miss what they should reach: a line about quality and one about costs. */
export function overview({ rows }: ModelReport): readonly string[] {
  const floors = rows.filter((row) => verdict(row) !== '');
  const below = floors.filter((row) => verdict(row) === 'below');
  const costs = rows.filter((row) => costVerdict(row) !== '');
  const above = costs.filter((row) => costVerdict(row) === 'above');
  const lines: string[] = [];
  if (floors.length > 0) {
    const names = below.map(
      ({ split, model, ndcg, recall, goal }) =>
        `${model} on ${split} (NDCG ${four(ndcg)} of ${digits(goal!.ndcg)}` +
        `${goal!.recall === undefined ? '' : `, recall ${four(recall)} of ${digits(goal!.recall)}`})`,
    );
    const reached = `${floors.length - below.length} of ${floors.length} rows with a floor reach it`;
    lines.push(below.length === 0 ? reached : `${reached}; below it: ${names.join(', ')}`);
  }
  if (costs.length > 0) {
    const reached = `${costs.length - above.length} of ${costs.length} rows with a goal for their cost keep it`;
    const names = above.map(({ split, model }) => `${model} on ${split}`);
    lines.push(above.length === 0 ? reached : `${reached}; above it: ${names.join(', ')}`);
  }
  return lines.map((line) => `${line}.`);
}

/** What marks mean, and what was not run and why, a line each. */
export const remarksOf = (report: ModelReport): readonly string[] => [
  ...peerMarks(report).meanings,
  ...report.failed.map(({ split, model, reason }) => `${model} on ${split} was not measured: ${reason}`),
  ...report.missingPeers.map(({ peer, reason }) => `Peer ${peer} was not measured: ${reason}`),
];

/** The tables for people. */
export function modelsText(report: ModelReport): string {
  const tables = [...splitTables(report).flatMap((one) => one.tables), ...extraTables(report)];
  return [aboutRuns(report), ...overview(report), ...tables.map(tableText), ...remarksOf(report)].join('\n\n');
}

const tableText = ({ title, head, rows, remarks = [] }: ReportTable): string =>
  [title, textTable(head, rows), ...remarks].join('\n');
