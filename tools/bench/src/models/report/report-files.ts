import { chart, escaped, htmlPage, htmlTable, type CellStyle, type ReportTable } from '@tandem-rec/evaluation';
import type { ModelReport } from '../bench-models.ts';
import type { GrowthPoint } from '../growth/bench-growth.ts';
import { extraTables } from './extra-tables.ts';
import { FAILINGS } from './report-table.ts';
import { aboutRuns, overview, remarksOf } from './report-text.ts';
import { splitTables } from './split-tables.ts';

/** The tables as Markdown. */
function modelsMarkdown(report: ModelReport): string {
  const remarks = remarksOf(report).map((one) => `- ${one}`);
  return [
    `${aboutRuns(report)}.`,
    overview(report).join(' '),
    ...splitTables(report).flatMap(({ tables }) => tables.map(markdownTable)),
    remarks.join('\n'),
    ...extraTables(report).map(markdownTable),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function markdownTable({ title, head, rows, remarks = [] }: ReportTable): string {
  const row = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const rule = row(head.map((_, column) => (column === 0 ? '---' : '--:')));
  return [`### ${title}`, [row(head), rule, ...rows.map(row)].join('\n'), ...remarks].join('\n\n');
}

const MARKS = ['<!-- figures: npm run bench -- models --markdown -->', '<!-- end of figures -->'] as const;

/** A page with the tables between its two marks; a page without marks gets them at its end. */
export function withFigures(page: string, report: ModelReport): string {
  const [from, to] = MARKS.map((mark) => page.indexOf(mark));
  const figures = `${MARKS[0]}\n\n${modelsMarkdown(report)}\n\n${MARKS[1]}`;
  if (from === -1 || to < from) return `${page.trimEnd()}\n\n${figures}\n`.trimStart();
  return page.slice(0, from) + figures + page.slice(to + MARKS[1].length);
}

/** Everything in one HTML file that loads nothing: tables, and plots as SVG. */
export function modelsHtml(report: ModelReport): string {
  const list = remarksOf(report).map((one) => `<li>${escaped(one)}</li>`);
  const styleOf = (text: string): CellStyle => (FAILINGS.includes(text) ? 'failing' : text === 'ok' ? 'ok' : undefined);
  return htmlPage('Models on public data', [
    `<p>${escaped(aboutRuns(report))}.</p>`,
    ...overview(report).map((line) => `<p>${escaped(line)}</p>`),
    `<ul>${list.join('\n')}</ul>`,
    ...splitTables(report).flatMap(({ split, tables, rows }) => [
      ...tables.map((table) => htmlTable(table, styleOf)),
      costChart(split, rows),
    ]),
    ...extraTables(report).map((table) => htmlTable(table, styleOf)),
    report.growth === undefined ? '' : growthChart(report.growth),
  ]);
}

/** Quality against cost: up is better, left is cheaper. */
function costChart(split: string, rows: ModelReport['rows']): string {
  const shown = rows.filter(({ model, cpuSeconds }) => cpuSeconds > 0 && !model.endsWith('+v'));
  if (shown.length === 0) return '';
  return chart(
    { title: `Quality and cost on ${split}`, x: 'CPU seconds of training', y: 'NDCG' },
    shown.map(({ model, ndcg, cpuSeconds }) => ({ name: model, points: [{ x: cpuSeconds, y: ndcg }] })),
    { vertical: 'linear', names: 'beside' },
  );
}

function growthChart(points: readonly GrowthPoint[]): string {
  const measured = points.filter(({ refused }) => refused === undefined);
  const models = [...new Set(measured.map(({ model }) => model))];
  return chart(
    { title: 'One pass over synthetic interactions, d = 64', x: 'interactions', y: 'CPU seconds' },
    models.map((name) => ({
      name,
      points: measured
        .filter(({ model }) => model === name)
        .map(({ events, cpuSeconds }) => ({ x: events, y: cpuSeconds })),
    })),
  );
}
