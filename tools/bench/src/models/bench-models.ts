import { goalsOf, type CostGoal, type Goal } from './goals.ts';
import type { GrowthPoint } from './growth/bench-growth.ts';
import { forkModel } from './fork-model.ts';
import type { MissingPeer } from './peers/peer-environments.ts';
import { peersBeside, type Peers } from './peers/peers-beside.ts';
import { runPeers, type PeerRun } from './peers/run-peers.ts';
import type { RatingRow } from './ratings.ts';
import { aboutThisRun, type RunAbout } from './run-about.ts';
import type { ModelRow } from './run-model.ts';
import type { StreamRow } from './streams.ts';
import type { TopKPoint } from './top-k/bench-top-k.ts';
import type { FoundSetting } from './settings/find-settings.ts';

/** Something with the run that measured it. */
export type Measured<T> = T & { readonly run: RunAbout };

/** A row of the report: ours, what it should reach, and what stands beside it. */
export interface ReportRow extends Measured<ModelRow>, Peers {
  readonly goal?: Goal;
  readonly costGoals?: readonly CostGoal[];
}

/** What `bench models` writes as JSON: when and where it ran, and what it measured. */
export interface ModelReport extends RunAbout {
  /** What was ranked. */
  readonly part: 'valid' | 'test';
  /** Trained at rest, and as a stream (`<model> streamed`). */
  readonly rows: readonly ReportRow[];
  /** One pass of some models over more and more interactions. */
  readonly growth?: readonly Measured<GrowthPoint>[];
  /** Exact lists by inner products. */
  readonly topK?: readonly Measured<TopKPoint>[];
  /** Test-then-train, event by event. */
  readonly streams?: readonly Measured<StreamRow>[];
  /** Liked or not: models of features. */
  readonly ratings?: readonly RatingRow[];
  /** Models that could not be run, and why. */
  readonly failed: readonly Failure[];
  /** Peers that were asked for and are not there, and why. */
  readonly missingPeers: readonly MissingPeer[];
}

export interface Failure {
  readonly split: string;
  readonly model: string;
  readonly reason: string;
}

export interface BenchOptions {
  readonly epochs?: number;
  readonly part: 'valid' | 'test';
  readonly threads: number;
  /** Which other libraries are run beside ours; none by default. */
  readonly peers?: readonly string[];
  /** Given the report so far after each model, for runs that take hours. */
  readonly keep?: (report: ModelReport) => Promise<void>;
  /** One line of progress. */
  readonly note: (line: string) => void;
}

/** Runs the settings one after the other, each in a process of its own, whatever becomes of the others. */
export async function benchModels(settings: readonly FoundSetting[], options: BenchOptions): Promise<ModelReport> {
  const { epochs, part, threads, peers = [], note, keep } = options;
  const run = aboutThisRun(threads);
  const rows: ModelRow[] = [];
  const failed: Failure[] = [];
  const report = ({ figures, missing }: PeerRun): ModelReport => ({
    ...run,
    part,
    rows: rows.map((row) => (part === 'test' ? { ...row, run, ...beside(row, figures) } : { ...row, run })),
    failed,
    missingPeers: missing,
  });
  for (const { split, model, file, stream, epochs: tuned } of settings) {
    const total = epochs ?? tuned;
    note(`${split} ${model}: ${stream ? 'a stream' : `${total} epoch${total === 1 ? '' : 's'}`} …`);
    const every = Math.max(1, Math.ceil(total / 10));
    try {
      const request = {
        ...{ split, model, file, part, threads },
        ...(stream && { stream }),
        ...(epochs !== undefined && { epochs }),
      };
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
  return report(peers.length > 0 ? await runPeers(settings, { libraries: peers, epochs, run, note }) : NO_PEERS);
}

const NO_PEERS: PeerRun = { figures: new Map(), missing: [] };

/** A row's floor and its peers: as measured in this run, else as they were measured once. */
function beside({ split, model }: ModelRow, figures: PeerRun['figures']): Partial<ReportRow> {
  const row = `${split} ${model}`;
  return { ...goalsOf(row), ...peersBeside(split, model, figures.get(row) ?? []) };
}
