import { chart, escaped, htmlPage, htmlTable, intervalsChart, type Series } from '@tandem-rec/evaluation';
import { integer } from '../../text-table.ts';
import { isPermuted } from '../compared-run.ts';
import type { Compared, SliceGain } from '../compared.ts';
import { SIDES, type Side } from '../sides.ts';
import { isTold } from './effect-text.ts';
import { reportTables, SURE } from './report-tables.ts';
import { verdicts } from './verdicts.ts';

/** A comparison as one HTML file that loads nothing: tables, and plots as SVG. */
export function reportHtml(compared: Compared): string {
  const { name, data, seeds, regime, leaks } = compared;
  const [gains, byItem, byUser, costs] = reportTables(compared).map((table) =>
    htmlTable(table, (text) => (text.endsWith(` ${SURE}`) && text.startsWith('+') ? 'ok' : undefined)),
  );
  return htmlPage(`${name}: what the sides gained`, [
    `<p>${escaped(data)} ${regime === 'stream' ? 'One pass, test-then-train.' : 'Data at rest.'} Seeds ${seeds.join(', ')}.</p>`,
    `<ul>${verdicts(compared)
      .map(
        (one, k) =>
          `<li${k === 0 && leaks.some(({ state }) => state === 'leak') ? ' class="failing"' : ''}>${escaped(one)}</li>`,
      )
      .join('\n')}</ul>`,
    gains,
    gainChart(compared),
    byItem,
    sliceChart(compared, 'item'),
    byUser,
    sliceChart(compared, 'user'),
    costs,
    costChart(compared),
    ...SIDES.map((side) => curveChart(compared, side)),
    ...lessonCharts(compared),
    leakTable(compared),
  ]);
}

function gainChart({ gains }: Compared): string {
  const marks = gains
    .filter((gain) => gain.over === 'control' && isTold(gain))
    .toSorted((a, b) => SIDES.indexOf(a.side) - SIDES.indexOf(b.side))
    .map(({ side, run, effect, interval: [low, high], significant }) => ({
      name: `${side}, ${run}`,
      value: 100 * effect,
      interval: [100 * low, 100 * high] as const,
      group: SIDES.indexOf(side),
      sure: significant,
    }));
  if (marks.length === 0) return '';
  return intervalsChart(
    { title: 'Gains over the control', x: 'gain over the control, %, with its 95 % interval; full: significant' },
    marks,
  );
}

/** Differences of NDCG: relative ones of slices that nobody finds anything in would hide all others. */
function sliceChart({ slices, regime }: Compared, by: SliceGain['by']): string {
  const what = regime === 'stream' ? 'events' : by === 'item' ? 'targets' : 'users';
  const marks = slices
    .filter((slice) => slice.by === by)
    .toSorted((a, b) => SIDES.indexOf(a.side) - SIDES.indexOf(b.side))
    .map(({ side, strategy, label, count, difference, differenceInterval: [low, high] }) => ({
      name: `${side}, ${strategy}, ${label} (${integer(count)} ${what})`,
      value: 1000 * difference,
      interval: [1000 * low, 1000 * high] as const,
      group: SIDES.indexOf(side),
      sure: low > 0 || high < 0,
    }));
  const title = by === 'item' ? 'Gains by how often the item was met' : 'Gains by how much the user did';
  return intervalsChart(
    {
      title,
      x: 'difference of NDCG from the control in thousandths, 95 % interval; full: without nought, uncorrected',
    },
    marks,
  );
}

function costChart({ rows, costs, cutoff }: Compared): string {
  const series = rows
    .filter(({ side, kind }) => side !== 'other' && !isPermuted(kind))
    .map(({ run, side, ndcg }): Series => {
      const cost = costs.find((one) => one.run === run)!;
      return { name: `${side}, ${run.replace(`${side} `, '')}`, points: [{ x: cost.cpuSeconds, y: ndcg }] };
    });
  return chart(
    { title: 'Quality and cost: up is better, left is cheaper', x: 'CPU seconds of the training', y: `NDCG@${cutoff}` },
    series,
    { vertical: 'around', names: 'beside' },
  );
}

function curveChart({ curves, sides, regime }: Compared, side: Side): string {
  const series = curves.flatMap(({ run, curve }): Series[] => {
    const points = curve.experts[sides[side]] ?? [];
    return points.length === 0 ? [] : [{ name: run, points: points.map(([x, y]) => ({ x, y })) }];
  });
  if (series.length === 0) return '';
  const y = regime === 'stream' ? 'NDCG' : 'NDCG on validation';
  return chart({ title: `How ${side} (${sides[side]}) went, first seed`, x: curves[0].curve.x, y }, series, {
    horizontal: 'linear',
    vertical: 'linear',
    dots: false,
  });
}

const lessonCharts = ({ lessons }: Compared): readonly string[] =>
  lessons.flatMap(({ run, weights: { lesson, buckets, series } }) =>
    series.length < 2
      ? []
      : [
          chart(
            { title: `${run}: weight of the lesson ${lesson}`, x: 'events', y: 'weight' },
            buckets.map((bucket, k) => ({
              name: `items met ${bucket}`,
              points: series.map(({ sequence, weights }) => ({ x: sequence, y: weights[k] })),
            })),
            { horizontal: 'linear', vertical: 'linear', dots: false },
          ),
        ],
  );

const leakTable = ({ leaks }: Compared): string =>
  leaks.length === 0
    ? ''
    : htmlTable(
        {
          title: 'Leaks looked for',
          head: ['', 'state', 'found'],
          rows: leaks.map(({ check, state, found }) => [check, state, found]),
        },
        (text) => (text === 'leak' ? 'failing' : text === 'ok' ? 'ok' : undefined),
      );
