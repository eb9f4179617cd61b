import { parseArgs } from 'node:util';
import { printReport } from '../print-report.ts';
import { CASES } from './cases.ts';
import { benchStream } from './bench-stream.ts';
import { growthText, streamText } from './report.ts';

const HELP = `Usage: npm run bench -- stream [options]

Events a second through the whole loop, and what each stage of it costs: event log with JSON records → decode →
de-duplicate → journal (fsync) → rank → exchange → learn → checkpoint. One thread, a synthetic catalogue of
MovieLens 100K's size (943 users, 1,682 items), each case in a process of its own.

Options:
  --case <name>    only this case, may be repeated: ${CASES.map(({ name }) => name).join(', ')}
  --events <n>     at most so many events a case (default: ${CASES.map(({ name, events }) => `${name} ${events}`).join(', ')})
  --quick          a tenth of the events
  --growth         the same again with ten times the users and items
  --json <file>    the numbers for machines; - is standard output
  --help

Examples:
  npm run bench -- stream --quick
  npm run bench -- stream --case bpr --case fism --events 50000 --json bench.json`;

/** `npm run bench -- stream`. Answers the exit code. */
export async function streamCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', multiple: true, default: [] },
      events: { type: 'string' },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const unknown = values.case.find((name) => !CASES.some((one) => one.name === name));
  const events = values.events === undefined ? Infinity : Number(values.events);
  if (unknown !== undefined || !(events >= 1)) {
    console.error(unknown === undefined ? HELP : `There is no case ${unknown}.\n\n${HELP}`);
    return 2;
  }
  const cases = CASES.filter(({ name }) => values.case.length === 0 || values.case.includes(name));
  const report = await benchStream(
    cases,
    { events, share: values.quick ? 0.1 : 1, growth: values.growth },
    console.error,
  );
  const text = values.growth ? [streamText(report), growthText(report)] : [streamText(report)];
  await printReport(report, text.join('\n'), values.json);
  return 0;
}
