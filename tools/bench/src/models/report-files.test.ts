import { describe, expect, it } from 'vitest';
import { merged, type ModelReport, type ReportRow } from './bench-models.ts';
import { logChart } from './chart.ts';
import { modelsHtml, withFigures } from './report-files.ts';

const row: ReportRow = {
  split: 'S1',
  model: 'a & b',
  plugin: 'x#y',
  options: {},
  ndcg: 0.07,
  recall: 0.1,
  epochs: 2,
  cpuSecondsPerEpoch: 1,
  cpuSeconds: 2,
  topkCpuSeconds: 0.1,
  rssMb: 100,
  backend: 'wasm',
  goal: { ndcg: 0.08 },
};
const report: ModelReport = {
  date: '2020-01-02',
  node: 'v22',
  cpu: 'a processor',
  cores: 2,
  threads: 1,
  part: 'test',
  rows: [row],
  failed: [],
  missingPeers: [{ peer: 'gorse', reason: 'there is no Go' }],
};

describe('a report', () => {
  it('goes between the marks of a page and leaves the rest', () => {
    const page = withFigures('# Models\n\nBefore.\n', report);
    expect(page).toMatch(/^# Models\n\nBefore\.\n\n<!-- figures/);
    expect(page).toContain('| a & b | 0.0700 | 0.08 | below |');
    expect(page).toContain('2020-01-02, a processor');
    expect(page).toContain('Peer gorse was not measured: there is no Go');
    const again = withFigures(page.replace('Before.', 'After.') + 'End.\n', { ...report, date: '2020-01-03' });
    expect(again).toMatch(/After\.[^]*2020-01-03[^]*End\.\n$/);
    expect(again).not.toContain('2020-01-02');
  });

  it('as HTML escapes what it shows, plots, and loads nothing', () => {
    const html = modelsHtml({
      ...report,
      growth: [
        { model: 'bpr', events: 10_000, cpuSeconds: 0.1, rssMb: 1 },
        { model: 'bpr', events: 100_000, cpuSeconds: 1, rssMb: 1 },
      ],
    });
    expect(html).toContain('a &#38; b');
    expect(html).not.toContain('a & b');
    expect(html.match(/<svg/g)).toHaveLength(2);
    expect(html).not.toMatch(/(src|href)=/);
  });

  it('of several has the last row about the same', () => {
    const failed = [{ split: 'S1', model: 'a & b', reason: 'broken' }];
    const both = merged([
      { ...report, failed },
      {
        ...report,
        rows: [
          { ...row, ndcg: 0.09 },
          { ...row, split: 'S2' },
        ],
      },
    ]);
    expect(both.rows.map(({ split, ndcg }) => [split, ndcg])).toEqual([
      ['S1', 0.09],
      ['S2', 0.07],
    ]);
    expect(both.failed).toEqual([]);
  });
});

it('a chart puts powers of ten at even distances', () => {
  const svg = logChart({ title: 't', x: 'x', y: 'y' }, [
    { name: 's', points: [1, 10, 100].map((value) => ({ x: value, y: value })) },
  ]);
  const [, points] = /points="([^"]*)"/.exec(svg)!;
  const [a, b, c] = points.split(' ').map((pair) => pair.split(',').map(Number));
  expect(b[0] - a[0]).toBeCloseTo(c[0] - b[0], 0);
  expect(a[1] - b[1]).toBeCloseTo(b[1] - c[1], 0);
  expect(a[1]).toBeGreaterThan(c[1]);
});
