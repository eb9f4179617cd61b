import type { ReportTable } from '@tandem-rec/evaluation';
import { integer, metric } from '../../text-table.ts';
import type { Compared, ComparedRow, Gain, SliceGain } from '../compared.ts';
import { SIDES, type Side } from '../sides.ts';
import { durationText } from './duration-text.ts';
import { effectText } from './effect-text.ts';

/** The tables of a comparison, the same in every form. */
export const reportTables = (compared: Compared): readonly ReportTable[] => [
  gainTable(compared),
  ...(['item', 'user'] as const).map((by) => sliceTable(compared, by)),
  costTable(compared),
];

/** Marks a gain that is significant after correction. */
export const SURE = '*';

function gainTable(compared: Compared): ReportTable {
  const { cutoff, rows, seeds } = compared;
  const several = seeds.length > 1;
  const line = (row: ComparedRow): readonly string[] => {
    const over = (what: Gain['over']): string => {
      const gain = compared.gains.find((one) => one.run === row.run && one.side === row.side && one.over === what);
      return gain ? `${effectText(gain)}${gain.significant ? ` ${SURE}` : ''}` : '';
    };
    return [
      rowTitle(row),
      metric(row.ndcg),
      ...(several ? [row.ndcgBySeed.map(metric).join(' ')] : []),
      metric(row.recall),
      over('control'),
      over('ensemble'),
    ];
  };
  const ordered = [...SIDES, 'other' as const].flatMap((side) =>
    rows.filter((row) => row.side === side && (side !== 'other' || row.kind === 'control')),
  );
  return {
    title: 'What each side gained',
    head: [
      '',
      `NDCG@${cutoff}`,
      ...(several ? ['by seed'] : []),
      `recall@${cutoff}`,
      'over its control [95 %]',
      'over the ensemble of controls',
    ],
    rows: ordered.map(line),
    remarks: gainRemarks(compared),
  };
}

function rowTitle({ side, kind, run, name }: ComparedRow): string {
  if (side === 'other') return `besides: ${name}`;
  if (kind === 'control')
    return side === 'fused' ? `fused (${name}), control: the ensemble` : `${side} (${name}), control`;
  return `${side} (${name}), ${kind.endsWith('alone') ? 'alone' : run}`;
}

function gainRemarks({ gains, seeds, regime, strategies }: Compared): readonly string[] {
  const [few] = [seeds.length];
  return [
    'Control: the same models, seeds, batches and epochs at one table, without an exchange. The ensemble is the control’s fusion: the independent models together.',
    `${SURE} significant at 5 % after Holm’s correction for the ${gains.length} gains of this table. Intervals are each for itself: 95 %, paired bootstrap over ${regime === 'batch' ? 'users' : 'blocks of 500 events'}${few > 1 ? ` and ${few} seeds` : ''}.`,
    ...(few === 1
      ? [
          'One seed: intervals hold the users’ variance only. Another training may differ by as much again: use --seeds 1,2,3.',
        ]
      : few === 2
        ? ['Two seeds tell little of the training’s variance: three or more are better.']
        : []),
    ...(gains.some(({ permuted }) => permuted)
      ? [
          'Texts permuted: every item has another item’s text, in the exchange and in its control. What the domain side still gains then is not knowledge from words.',
        ]
      : strategies.length > 0
        ? ['Whether a gain of the domain side is knowledge from words shows the same with permuted texts: --permuted.']
        : []),
  ];
}

function sliceTable({ slices, sides, strategies, cutoff, regime, asked }: Compared, by: SliceGain['by']): ReportTable {
  const labels = [...new Set(slices.filter((one) => one.by === by).map(({ label }) => label))];
  const find = (side: Side, strategy: string, label: string) =>
    slices.find((one) => one.side === side && one.strategy === strategy && one.by === by && one.label === label);
  const what = regime === 'stream' ? 'events' : by === 'item' ? 'targets' : 'users';
  const [first] = strategies;
  return {
    title: by === 'item' ? 'By how often the item was met before' : 'By how much the user did before',
    head: [`NDCG@${cutoff}`, ...labels],
    rows: [
      [what, ...labels.map((label) => integer(find('domain', first, label)!.count))],
      ...SIDES.flatMap((side) => [
        [`${side} (${sides[side]}), control`, ...labels.map((label) => metric(find(side, first, label)!.control))],
        ...strategies.map((strategy) => [
          `${side}, ${strategy}`,
          ...labels.map((label) => effectText(find(side, strategy, label)!)),
        ]),
      ]),
    ],
    remarks: [
      `Gains over the control within the slice, of ${integer(asked)} ${regime === 'stream' ? 'events' : 'users'}; 95 % intervals, not corrected for the number of slices. Where a control is near nothing, the difference of NDCG itself.`,
    ],
  };
}

function costTable({ costs }: Compared): ReportTable {
  const tokens = costs.some((cost) => cost.tokens !== undefined);
  return {
    title: 'What each training cost',
    head: ['', 'CPU', 'clock', 'peak memory', ...(tokens ? ['hosted tokens', 'money'] : [])],
    rows: costs.map(({ run, cpuSeconds, seconds, peakMb, tokens: used, money }) => [
      run,
      durationText(cpuSeconds),
      durationText(seconds),
      `${peakMb.toFixed(0)} MB`,
      ...(tokens ? [used === undefined ? '' : integer(used), money === undefined ? '' : money.toFixed(2)] : []),
    ]),
    remarks: ['Of one seed: reading, learning and ranking in a process of its own.'],
  };
}
