import type { GrowthPoint } from './growth/bench-growth.ts';
import type { ModelReport } from './bench-models.ts';
import { escaped, logChart } from './chart.ts';
import { extraTables, type ExtraTable } from './extra-tables.ts';
import { aboutRun, bySplit, cells, HEAD, notRun, sources } from './report-text.ts';

/** The tables as Markdown. */
function modelsMarkdown(report: ModelReport): string {
  const tables = bySplit(report).map(({ title, rows }) => markdownTable({ title, head: HEAD, rows: rows.map(cells) }));
  const remarks = [...sources(report).map((source) => `Peers: ${source}.`), ...notRun(report)].map((one) => `- ${one}`);
  return [`${aboutRun(report)}.`, ...tables, remarks.join('\n'), ...extraTables(report).map(markdownTable)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function markdownTable({ title, head, rows }: ExtraTable): string {
  const row = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const rule = row(head.map((_, column) => (column === 0 ? '---' : '--:')));
  return `### ${title}\n\n${[row(head), rule, ...rows.map(row)].join('\n')}`;
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
  const tables = bySplit(report).map(
    ({ title, rows }) => `${htmlTable({ title, head: HEAD, rows: rows.map(cells) })}\n${costChart(rows)}`,
  );
  const growth = report.growth === undefined ? '' : growthChart(report.growth);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Models on public data</title>
<style>
body { font: 14px/1.4 sans-serif; margin: 2em; }
table { border-collapse: collapse; }
td, th { padding: 2px 8px; border-bottom: 1px solid #dddddd; text-align: right; }
td:first-child, th:first-child { text-align: left; }
.below { color: #b00020; font-weight: bold; }
</style>
<h1>Models on public data</h1>
<p>${escaped(aboutRun(report))}</p>
${tables.join('\n')}
${extraTables(report).map(htmlTable).join('\n')}
${growth}
<ul>${[...sources(report), ...notRun(report)].map((one) => `<li>${escaped(one)}</li>`).join('\n')}</ul>
</html>
`;
}

function htmlTable({ title, head, rows }: ExtraTable): string {
  const line = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}${text === 'below' ? ' class="below"' : ''}>${escaped(text)}</${tag}>`).join('')}</tr>`;
  return `<h2>${escaped(title)}</h2>\n<table>${line('th', head)}${rows.map((one) => line('td', one)).join('\n')}</table>`;
}

/** Quality against cost: up is better, left is cheaper. */
function costChart(rows: ModelReport['rows']): string {
  const shown = rows.filter(({ ndcg, cpuSeconds }) => ndcg > 0 && cpuSeconds > 0);
  if (shown.length === 0) return '';
  return logChart(
    { title: 'Quality and cost', x: 'CPU seconds of training', y: 'NDCG' },
    shown.map(({ model, ndcg, cpuSeconds }) => ({ name: model, points: [{ x: cpuSeconds, y: ndcg }] })),
  );
}

function growthChart(points: readonly GrowthPoint[]): string {
  const models = [...new Set(points.map(({ model }) => model))];
  return logChart(
    { title: 'One pass over synthetic interactions, d = 64', x: 'interactions', y: 'CPU seconds' },
    models.map((name) => ({
      name,
      points: points
        .filter(({ model }) => model === name)
        .map(({ events, cpuSeconds }) => ({ x: events, y: cpuSeconds })),
    })),
  );
}
