import { parseArgs } from 'node:util';
import { printReport } from '../print-report.ts';
import { benchKernels, kernelText } from './bench-kernels.ts';

const HELP = `Usage: npm run bench -- kernels [options]

The kernels that models spend their time in, on one thread, beside the plain TypeScript that defines them and beside
native TensorFlow where it is installed and has the operation.

Options:
  --quick           small sizes
  --json <file>     the numbers for machines; - is standard output
  --help`;

/** `npm run bench -- kernels`. Answers the exit code. */
export async function kernelsCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const report = await benchKernels({
    scale: values.quick ? 0.1 : 1,
    ms: values.quick ? 50 : 500,
    note: console.error,
  });
  await printReport(report, kernelText(report), values.json);
  return 0;
}
