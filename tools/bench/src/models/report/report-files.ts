import type { ModelReport } from '../bench-models.ts';
import type { GrowthPoint } from '../growth/bench-growth.ts';
import { escaped, chart } from './chart.ts';
import { extraTables } from './extra-tables.ts';
import { FAILINGS, type ReportTable } from './report-table.ts';
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
  const splits = splitTables(report).map(
    ({ split, tables, rows }) => `${tables.map(htmlTable).join('\n')}\n${costChart(split, rows)}`,
  );
  const growth = report.growth === undefined ? '' : growthChart(report.growth);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Models on public data</title>
<style>
body { font: 14px/1.4 sans-serif; margin: 2em; }
table { border-collapse: collapse; margin-bottom: 1em; }
th { vertical-align: bottom; }
td, th { padding: 2px 8px; white-space: nowrap; border-bottom: 1px solid #dddddd; text-align: right; }
td:first-child, th:first-child { text-align: left; }
tr.failing { background: #fdecec; }
td.failing { color: #b00020; font-weight: bold; }
td.ok { color: #1b6e20; }
.scroll { overflow-x: auto; }
</style>
<h1>Models on public data</h1>
<p>${escaped(aboutRuns(report))}.</p>
${overview(report)
  .map((line) => `<p>${escaped(line)}</p>`)
  .join('\n')}
<ul>${remarksOf(report)
    .map((one) => `<li>${escaped(one)}</li>`)
    .join('\n')}</ul>
${splits.join('\n')}
${extraTables(report).map(htmlTable).join('\n')}
${growth}
</html>
`;
}

/** Rows that miss what they should reach stand out, and the cell that says so. */
function htmlTable({ title, head, rows, remarks = [] }: ReportTable): string {
  const cell = (text: string): string => {
    const style = FAILINGS.includes(text) ? ' class="failing"' : text === 'ok' ? ' class="ok"' : '';
    return `<td${style}>${escaped(text)}</td>`;
  };
  const line = (texts: readonly string[]): string =>
    `<tr${texts.some((text) => FAILINGS.includes(text)) ? ' class="failing"' : ''}>${texts.map(cell).join('')}</tr>`;
  const top = `<thead><tr>${head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')}</tr></thead>`;
  const body = `<tbody>${rows.map(line).join('\n')}</tbody>`;
  const notes = remarks.map((one) => `\n<p>${escaped(one)}</p>`).join('');
  return `<h2>${escaped(title)}</h2>\n<div class="scroll"><table>${top}\n${body}</table></div>${notes}`;
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
