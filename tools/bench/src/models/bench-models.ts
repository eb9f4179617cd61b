import { availableParallelism, cpus } from 'node:os';
import { GOALS, recordedPeer, type Goal, type PeerFigures } from './goals.ts';
import type { GrowthPoint } from './growth/bench-growth.ts';
import { forkModel } from './fork-model.ts';
import { runPeers, type PeerRun } from './peers/run-peers.ts';
import type { ModelRow } from './run-model.ts';
import type { StreamRow } from './streams.ts';
import type { TopKPoint } from './top-k/bench-top-k.ts';
import type { FoundSetting } from './settings/find-settings.ts';

/** A row of the report: ours, what it should reach, and what stands beside it. */
export interface ReportRow extends ModelRow {
  readonly goal?: Goal;
  readonly peer?: PeerFigures;
}

/** What `bench models` writes as JSON. */
export interface ModelReport {
  /** Day of the run, ISO. */
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly threads: number;
  /** What was ranked. */
  readonly part: 'valid' | 'test';
  readonly rows: readonly ReportRow[];
  /** One pass of some models over more and more interactions. */
  readonly growth?: readonly GrowthPoint[];
  /** Exact lists by inner products. */
  readonly topK?: readonly TopKPoint[];
  /** Test-then-train, event by event. */
  readonly streams?: readonly StreamRow[];
  /** Models that could not be run, and why. */
  readonly failed: readonly { readonly split: string; readonly model: string; readonly reason: string }[];
  /** Peers that were asked for and are not there, and why. */
  readonly missingPeers: readonly { readonly peer: string; readonly reason: string }[];
}

export interface BenchOptions {
  readonly epochs?: number;
  readonly part: 'valid' | 'test';
  readonly threads: number;
  /** Whether other libraries are run beside ours. */
  readonly peers?: boolean;
  /** Given the report so far after each model, for runs that take hours. */
  readonly keep?: (report: ModelReport) => Promise<void>;
  /** One line of progress. */
  readonly note: (line: string) => void;
}

/** Runs the settings one after the other, each in a process of its own, whatever becomes of the others. */
export async function benchModels(settings: readonly FoundSetting[], options: BenchOptions): Promise<ModelReport> {
  const { epochs, part, threads, peers = false, note, keep } = options;
  const rows: ModelRow[] = [];
  const failed: ModelReport['failed'][number][] = [];
  const report = (run: PeerRun): ModelReport => ({
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? process.arch,
    cores: availableParallelism(),
    threads,
    part,
    rows: part === 'test' ? rows.map((row) => beside(row, run.figures)) : rows,
    failed,
    missingPeers: run.missing,
  });
  for (const { split, model, file, epochs: tuned } of settings) {
    const total = epochs ?? tuned;
    note(`${split} ${model}: ${total} epoch${total === 1 ? '' : 's'} …`);
    const every = Math.max(1, Math.ceil(total / 10));
    try {
      const request = { split, model, file, part, threads, ...(epochs !== undefined && { epochs }) };
      const found = await forkModel(request, (epoch, loss) => {
        if (total > 1 && epoch % every === 0) note(`  ${model} epoch ${epoch}: loss ${loss.toPrecision(4)}`);
      });
      for (const row of found) {
        note(`  ${row.model} NDCG ${row.ndcg.toFixed(4)}, ${row.cpuSeconds.toFixed(2)} s of CPU`);
        rows.push(row);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      note(`  failed: ${reason}`);
      failed.push({ split, model, reason });
    }
    await keep?.(report(NO_PEERS));
  }
  return report(peers ? await runPeers(settings, note) : NO_PEERS);
}

const NO_PEERS: PeerRun = { figures: new Map(), missing: [] };

/** A row with its floor and its peer: as measured in this run, else as it was measured once. */
function beside(row: ModelRow, figures: PeerRun['figures']): ReportRow {
  const goal = GOALS[`${row.split} ${row.model}`];
  const peer = figures.get(`${row.split} ${row.model}`) ?? recordedPeer(row.split, row.model);
  return { ...row, ...(goal && { goal }), ...(peer && { peer }) };
}

/** One report of several: of rows about the same, the last one's; date and machine are the last one's. */
export function merged(reports: readonly [ModelReport, ...ModelReport[]]): ModelReport {
  const rows = new Map(reports.flatMap((one) => one.rows.map((row) => [`${row.split} ${row.model}`, row])));
  const growth = reports.findLast((one) => one.growth)?.growth;
  const topK = reports.findLast((one) => one.topK)?.topK;
  const streams = reports.findLast((one) => one.streams)?.streams;
  return {
    ...reports.at(-1)!,
    rows: [...rows.values()],
    failed: reports.flatMap(({ failed }) => failed).filter(({ split, model }) => !rows.has(`${split} ${model}`)),
    missingPeers: reports.flatMap(({ missingPeers }) => missingPeers),
    ...(growth && { growth }),
    ...(topK && { topK }),
    ...(streams && { streams }),
  };
}
