import { Arena, kernelName, openTensorBackend } from '@tandem-rec/compute';
import { aboutThisRun, type RunAbout } from '../models/run-about.ts';
import { cpuMs } from '../stream/cpu-clock.ts';
import { textTable } from '../text-table.ts';
import { kernelCases, type KernelCase, type Work } from './cases.ts';

/** A kernel at one size, by CPU time on one thread. */
export interface KernelRow extends Pick<KernelCase, 'name' | 'size' | 'unit'> {
  readonly kernel: number;
  readonly plain: number;
  /** How many times faster than plain TypeScript. */
  readonly times: number;
  readonly native?: number;
}

/** What `bench kernels` writes as JSON. */
export interface KernelReport extends RunAbout {
  /** Arithmetic of the kernels. */
  readonly arithmetic: string;
  /** What native TensorFlow is there, or why none. */
  readonly native: string;
  readonly rows: readonly KernelRow[];
}

export interface KernelBenchOptions {
  /** 1: sizes of Gowalla and Amazon Beauty. */
  readonly scale: number;
  /** CPU milliseconds for each figure, of which the best run counts. */
  readonly ms: number;
  readonly note: (line: string) => void;
}

/** Times every kernel, its plain definition, and native TensorFlow where it is there and has the operation. */
export async function benchKernels({ scale, ms, note }: KernelBenchOptions): Promise<KernelReport> {
  const native = await openTensorBackend({ prefer: 'native', threads: 1 }).then(
    ({ identity }) => ({ there: true, what: identity }),
    (error: Error) => ({ there: false, what: error.message }),
  );
  const arena = new Arena({ threads: 1 });
  try {
    const rows: KernelRow[] = [];
    for (const { name, size, unit, ...work } of kernelCases(arena, scale)) {
      const msOf = (own: Work): number => msPerUnit(own, ms);
      const figure = (spent: number): number => (unit === 'ns/row' ? 1e6 * spent : 1 / (1e6 * spent));
      const [kernel, plain] = [msOf(work.kernel), msOf(work.plain)];
      const row: KernelRow = {
        name,
        size,
        unit,
        kernel: figure(kernel),
        plain: figure(plain),
        times: plain / kernel,
        ...(native.there && work.native && { native: figure(msOf(work.native)) }),
      };
      note(`${name} ${size}: ${row.kernel.toPrecision(3)} ${unit}`);
      rows.push(row);
    }
    return { ...aboutThisRun(1), arithmetic: kernelName, native: native.what, rows };
  } finally {
    arena.close();
  }
}

/** The least that a unit of the work took. What is short is done several times between two readings of the clock. */
function msPerUnit({ amount, run }: Work, budget: number): number {
  let best = Infinity;
  let repeats = 1;
  for (let spent = 0, runs = 0; spent < budget || runs < 2; runs++) {
    const before = cpuMs();
    for (let i = 0; i < repeats; i++) run();
    const took = cpuMs() - before;
    spent += took;
    // The first run is compiled while it goes.
    if (runs > 0) best = Math.min(best, took / repeats);
    if (took < 5) repeats *= 2;
  }
  return Math.max(best, Number.MIN_VALUE) / amount;
}

/** The table for people. */
export function kernelText({ node, cpu, arithmetic, native, rows }: KernelReport): string {
  const number = (value: number): string => (value < 100 ? value.toPrecision(3) : value.toFixed(0));
  return [
    `Node ${node}, ${cpu}, one thread, by CPU time; kernels: ${arithmetic}; native: ${native}`,
    '',
    textTable(
      ['', 'size', 'unit', 'kernel', 'plain', '', 'native'],
      rows.map((row) => [
        row.name,
        row.size,
        row.unit,
        number(row.kernel),
        number(row.plain),
        `× ${number(row.times)}`,
        row.native === undefined ? '' : number(row.native),
      ]),
    ),
  ].join('\n');
}
