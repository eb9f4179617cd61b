import { describe, expect, it } from 'vitest';
import type { ModelReport, ReportRow } from '../bench-models.ts';
import { mergedReports } from '../merge-reports.ts';
import type { PeerFigures } from '../peers/recorded-peers.ts';
import type { RunAbout } from '../run-about.ts';
import { modelsHtml, withFigures } from './report-files.ts';
import { aboutRuns, overview } from './report-text.ts';
import { costVerdict } from './split-tables.ts';

const run: RunAbout = {
  startedAt: '2020-01-02T10:00:00.000Z',
  date: '2020-01-02',
  node: 'v22',
  cpu: 'a processor',
  cores: 2,
  threads: 1,
};
const later: RunAbout = { ...run, startedAt: '2020-01-03T10:00:00.000Z', date: '2020-01-03', threads: 2 };
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
  run,
};
const report: ModelReport = {
  ...run,
  part: 'test',
  rows: [row],
  failed: [],
  missingPeers: [{ peer: 'gorse', reason: 'there is no Go' }],
};
const measuredPeer: PeerFigures = { peer: 'a library', ndcg: 0.09, cpuSeconds: 1, source: 'measured', run };

describe('a report', () => {
  it('goes between the marks of a page and leaves the rest', () => {
    const page = withFigures('# Models\n\nBefore.\n', report);
    expect(page).toMatch(/^# Models\n\nBefore\.\n\n<!-- figures/);
    expect(page).toContain('| a & b | 0.0700 | 0.08 | 0.1000 |  | below |');
    expect(page).toContain('2020-01-02, a processor');
    expect(page).toContain('Peer gorse was not measured: there is no Go');
    const next = { ...report, rows: [{ ...row, run: later }] };
    const again = withFigures(page.replace('Before.', 'After.') + 'End.\n', next);
    expect(again).toMatch(/After\.[^]*2020-01-03[^]*End\.\n$/);
    expect(again).not.toContain('2020-01-02');
  });

  it('as HTML escapes what it shows, plots, loads nothing, and lets rows below their floor stand out', () => {
    const points = [10_000, 100_000].map((events) => ({
      model: 'bpr',
      events,
      cpuSeconds: events / 1e5,
      rssMb: 1,
      run,
    }));
    const refused = { model: 'bpr', events: 1_000_000, cpuSeconds: 0, rssMb: 1, refused: 'It needs 9 GB.', run };
    const html = modelsHtml({ ...report, growth: [...points, refused] });
    expect(html).toContain('a &#38; b');
    expect(html).not.toContain('a & b');
    expect(html.match(/<svg/g)).toHaveLength(2);
    expect(html.match(/<circle/g)).toHaveLength(3);
    expect(html).toContain('bpr, 1,000,000 interactions: It needs 9 GB.');
    expect(html).not.toMatch(/(src|href)=/);
    expect(html).toMatch(/<tr class="failing"><td>a &#38; b/);
    expect(html).toContain('a &#38; b on S1 (NDCG 0.0700 of 0.08)');
  });

  it('puts models trained as a stream beside themselves at rest', () => {
    const streamed = { ...row, model: 'a & b streamed', ndcg: 0.035 };
    const page = withFigures('', { ...report, rows: [row, streamed] });
    expect(page).toContain('| a & b | S1 | 0.0350 | 0.0700 | 0.50 |');
    expect(page).not.toContain('| a & b streamed');
  });
});

describe('several reports', () => {
  const other: ModelReport = {
    ...report,
    ...later,
    rows: [
      { ...row, ndcg: 0.09, run: later },
      { ...row, split: 'S2', run: later },
    ],
  };

  it('become one with the newest of each row, in whatever order they come', () => {
    const failed = [{ split: 'S1', model: 'a & b', reason: 'broken' }];
    for (const reports of [[{ ...report, failed }, other] as const, [other, { ...report, failed }] as const]) {
      const both = mergedReports(reports);
      expect(both.rows.map(({ split, ndcg, run: { date } }) => [split, ndcg, date])).toEqual([
        ['S1', 0.09, '2020-01-03'],
        ['S2', 0.07, '2020-01-03'],
      ]);
      expect(both.failed).toEqual([]);
      expect(both.missingPeers).toHaveLength(1);
    }
  });

  it('say from when to when, and on how many threads', () => {
    expect(aboutRuns(mergedReports([report, { ...other, rows: [other.rows[1]] }]))).toBe(
      '2020-01-02 to 2020-01-03, a processor, 2 cores, 1 or 2 threads used, Node v22',
    );
  });

  it('keep a peer that one of them measured, and say that it was another run', () => {
    const both = mergedReports([{ ...report, rows: [{ ...row, peer: measuredPeer }] }, other]);
    expect(both.rows[0]).toMatchObject({ ndcg: 0.09, peer: { peer: 'a library', run: { date: '2020-01-02' } } });
    const page = withFigures('', both);
    expect(page).toContain('| a library ¹ | 0.0900 |');
    expect(page).toContain('- ¹ Peer measured in another run of this command, 2020-01-02');
    expect(withFigures('', { ...report, rows: [{ ...row, peer: measuredPeer }] })).toContain('| a library | 0.0900 |');
  });

  it('keep what peers on ratings reached, and show them beside ours', () => {
    const rating = { model: 'deepfm', auc: 0.8, logLoss: 0.5, validAuc: 0.8, epoch: 7, cpuSecondsPerEpoch: 1 };
    const peer = { peer: 'RecBole DeepFM', auc: 0.81, logLoss: 0.5, source: 'measured', run };
    const both = mergedReports([
      { ...report, rows: [], ratings: [{ ...rating, cpuSeconds: 9, peers: [peer], run }] },
      { ...report, rows: [], ratings: [{ ...rating, auc: 0.82, cpuSeconds: 9, peers: [], run: later }] },
    ]);
    const page = withFigures('', both);
    expect(page).toContain('| deepfm | 0.8200 | 0.81 | ok |');
    expect(page).toMatch(/\| deepfm \| RecBole DeepFM . \| 0\.8100 \|/);
    expect(page).toMatch(/\| deepfm \| DeepFM in PyTorch . \| 0\.7875 \|/);
  });

  it('of which the newest replace points of growth', () => {
    const point = { model: 'bpr', events: 10_000, cpuSeconds: 1, rssMb: 1, run };
    const { growth } = mergedReports([
      { ...report, growth: [point, { ...point, events: 100_000 }] },
      { ...report, growth: [{ ...point, cpuSeconds: 2, run: later }] },
    ]);
    expect(growth?.map(({ events, cpuSeconds }) => [events, cpuSeconds])).toEqual([
      [10_000, 2],
      [100_000, 1],
    ]);
  });
});

describe('goals for costs', () => {
  const asked = (times: number): ReportRow => ({
    ...row,
    peer: measuredPeer,
    costGoals: [{ figure: 'cpuSeconds', atMost: { peer: 'a lib', times } }],
  });

  it('are kept or not, beside the peer that they name or a bound of their own', () => {
    expect(costVerdict(asked(2))).toBe('ok');
    expect(costVerdict(asked(1))).toBe('above');
    expect(costVerdict({ ...row, costGoals: asked(1).costGoals! })).toBe('');
    expect(costVerdict({ ...row, costGoals: [{ figure: 'rssMb', atMost: 99 }] })).toBe('above');
    expect(overview({ ...report, rows: [asked(1)] })[1]).toContain('above it: a & b on S1');
  });
});
