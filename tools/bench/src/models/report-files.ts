import type { GrowthPoint } from './growth/bench-growth.ts';
import type { ModelReport } from './bench-models.ts';
import { escaped, logChart } from './chart.ts';
import { aboutRun, bySplit, cells, HEAD, notRun, sources } from './report-text.ts';

/** The tables as Markdown. */
export function modelsMarkdown(report: ModelReport): string {
  const row = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const tables = bySplit(report).flatMap(({ title, rows }) => [
    `### ${title}`,
    [
      row(HEAD),
      row(HEAD.map((_, column) => (column === 0 ? '---' : '--:'))),
      ...rows.map((one) => row(cells(one))),
    ].join('\n'),
  ]);
  const remarks = [...sources(report).map((source) => `Peers: ${source}.`), ...notRun(report)].map((one) => `- ${one}`);
  const growth = report.growth === undefined ? [] : ['### Growth', growthTable(report.growth)];
  return [`${aboutRun(report)}.`, ...tables, remarks.join('\n'), ...growth].filter((part) => part !== '').join('\n\n');
}

function growthTable(points: readonly GrowthPoint[]): string {
  const sizes = [...new Set(points.map(({ events }) => events))];
  const of = (model: string, events: number): string =>
    points.find((point) => point.model === model && point.events === events)?.cpuSeconds.toFixed(2) ?? '';
  return [
    `| CPU s of one pass over | ${sizes.map((size) => size.toLocaleString('en-US')).join(' | ')} |`,
    `| --- | ${sizes.map(() => '--:').join(' | ')} |`,
    ...[...new Set(points.map(({ model }) => model))].map(
      (model) => `| ${model} | ${sizes.map((size) => of(model, size)).join(' | ')} |`,
    ),
  ].join('\n');
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
  const tables = bySplit(report).map(({ title, rows }) => {
    const line = (tag: string, texts: readonly string[]): string =>
      `<tr>${texts.map((text) => `<${tag}${text === 'below' ? ' class="below"' : ''}>${escaped(text)}</${tag}>`).join('')}</tr>`;
    return `<h2>${escaped(title)}</h2>
<table>${line('th', HEAD)}${rows.map((one) => line('td', cells(one))).join('\n')}</table>
${costChart(rows)}`;
  });
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
${growth}
<ul>${[...sources(report), ...notRun(report)].map((one) => `<li>${escaped(one)}</li>`).join('\n')}</ul>
</html>
`;
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
  return `<h2>Growth</h2>
${logChart(
  { title: 'One pass over synthetic interactions, d = 64', x: 'interactions', y: 'CPU seconds' },
  models.map((name) => ({
    name,
    points: points
      .filter(({ model }) => model === name)
      .map(({ events, cpuSeconds }) => ({ x: events, y: cpuSeconds })),
  })),
)}`;
}
