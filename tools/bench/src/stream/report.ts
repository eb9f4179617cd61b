import { textTable } from '../text-table.ts';
import type { StreamReport } from './bench-stream.ts';
import type { CaseResult, Spent } from './run-case.ts';

type Row = readonly [title: string, value: (result: CaseResult) => string];

const TOTALS: readonly Row[] = [
  ['events', ({ events }) => whole(events)],
  ['ranked', ({ rankedShare }) => `${(100 * rankedShare).toFixed(rankedShare < 0.1 ? 1 : 0)} %`],
  ['events/s of CPU', ({ events, run }) => whole((1000 * events) / run.cpuMs)],
  ['  second half', ({ secondHalf }) => whole((1000 * secondHalf.events) / secondHalf.cpuMs)],
  ['events/s of wall', ({ events, run }) => whole((1000 * events) / run.wallMs)],
  ['run, CPU / wall s', ({ run }) => seconds(run)],
  ['first batch, CPU / wall s', ({ start }) => seconds(start)],
  ['peak memory MB', ({ peakMemoryMb }) => whole(peakMemoryMb)],
];

/** The table for people. */
export function streamText({ node, cpu, cores, cases }: StreamReport): string {
  const [{ backend, kernel, users, items }] = cases;
  const stages: Row[] = Object.keys(cases[0].stagesUs).flatMap((stage) => [
    [`  ${stage}`, ({ stagesUs }: CaseResult) => micro(stagesUs[stage])] as const,
    ...(stage === 'learn' ? learners(cases) : []),
  ]);
  const sum: Row = ['CPU µs an event', ({ run, events }) => micro((1000 * run.cpuMs) / events)];
  const waits: Row[] = [
    ['wall µs an event: journal', ({ waitUs }) => micro(waitUs.journal)],
    ['wall µs an event: checkpoint', ({ waitUs }) => micro(waitUs.checkpoint)],
  ];
  const rows = [...TOTALS, sum, ...stages, ...waits];
  return [
    `Node ${node}, ${cpu}, ${cores} cores; tensors: ${backend}, kernel: ${kernel}; ${whole(users)} users, ${whole(items)} items`,
    '',
    textTable(
      ['', ...cases.map(({ name }) => name)],
      rows.map(([title, value]) => [title, ...cases.map(value)]),
    ),
    '',
    ...cases.map(({ name, summary }) => `${name}: ${summary}`),
  ].join('\n');
}

/** How the cost of an event grows with the world. */
export function growthText({ cases, grown }: StreamReport): string {
  const cost = ({ run, events }: CaseResult): number => (1000 * run.cpuMs) / events;
  const rows = cases.map((small, i) => {
    const large = grown[i];
    return [
      small.name,
      `${whole(small.items)} → ${whole(large.items)}`,
      micro(cost(small)),
      micro(cost(large)),
      `× ${(cost(large) / cost(small)).toFixed(1)}`,
    ];
  });
  return `\n${textTable(['', 'items', 'CPU µs', '', 'growth'], rows)}`;
}

function learners(cases: readonly CaseResult[]): Row[] {
  const names = new Set(cases.flatMap(({ learnUs }) => Object.keys(learnUs)));
  return [...names].map((name) => [
    `    ${name}`,
    ({ learnUs }) => (learnUs[name] === undefined ? '' : micro(learnUs[name])),
  ]);
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const micro = (value: number): string => value.toFixed(value < 100 ? 2 : 0);
const seconds = ({ cpuMs, wallMs }: Spent): string => `${(cpuMs / 1000).toFixed(1)} / ${(wallMs / 1000).toFixed(1)}`;
