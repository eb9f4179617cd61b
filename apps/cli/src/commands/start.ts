import { Command } from 'commander';
import type { LogLevel, TrainingStatus } from '@tandem-rec/cotrainer';
import { demonstrate } from '../demo/demonstrate.ts';
import { SKIP } from '../demo/results.ts';
import { interruptible } from '../interruption.ts';
import { expertsLine, faultsOf, heardLines, progressLines } from '../progress-lines.ts';
import { startProcess } from '../run-process.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';
import { integer, metric, textTable } from '../text-table.ts';

interface Options {
  readonly once?: boolean;
  readonly json?: string;
  readonly set: readonly string[];
  readonly log: LogLevel;
}

/** `tandem start [config]` */
export function startCommand(): Command {
  return new Command('start')
    .description(
      'Learn from the configured source until stopped; without a configuration, watch two models teach each other in a synthetic world.',
    )
    .argument('[config]', 'configuration file, or a folder with tandem.config.*; default: the embedded demonstration')
    .option('--once', 'end when everything that is there has been learned, instead of following the source')
    .addOption(jsonOption())
    .addOption(setOption())
    .addOption(logOption())
    .addHelpText(
      'after',
      `
Examples:
  tandem start                                  the embedded demonstration, about a minute and a half, then questions
  tandem start --once --json out.json           the same for scripts: a table, a file, and an end
  tandem start tandem.config.ts                 learn from the configured source; Ctrl-C ends with a checkpoint
  tandem start tandem.config.ts --set training.replay=1

A second start of the same configuration resumes where the last checkpoint and the journal end.`,
    )
    .action((config: string | undefined, options: Options) =>
      interruptible((signal) =>
        config === undefined ? demonstrate(options, signal) : follow(config, options, signal),
      ),
    );
}

async function follow(config: string, { once, json, set, log }: Options, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(json);
  const run = await startProcess(
    { config, overrides: set },
    {
      logLevel: log === 'warn' && !terminal.live ? 'info' : log,
      terminal,
      answering: true,
      ...(once && { limit: { idleMs: 3000 } }),
    },
  );
  try {
    const { composition, thread } = run;
    terminal.note(
      `${composition.name} is learning: ${composition.participants.map(({ name }) => name).join(', ')}, sharing ${composition.sharing?.name ?? 'nothing'}. Ctrl-C ends with a checkpoint.`,
    );
    const startedMs = performance.now();
    signal.addEventListener('abort', () => {
      terminal.note('Ending: the batch under way is finished and a checkpoint written. Once more ends at once.');
      void thread.stop();
    });
    if (signal.aborted) await thread.stop();
    const watch = setInterval(
      () =>
        void thread.status().then(
          (status) => terminal.progress(progressLines(composition.name, status)),
          () => {},
        ),
      500,
    );
    // For logs: a line now and then where nothing is redrawn.
    const log = setInterval(() => {
      if (!terminal.live)
        void thread.status().then(
          (status) => status && terminal.note(quietLine(status)),
          () => {},
        );
    }, 30_000);
    const status = await thread.ended.finally(() => {
      clearInterval(watch);
      clearInterval(log);
    });
    // While everybody is new nobody ranks well: the first fifth is left out beside the whole.
    const late = (await thread.status(SKIP)) ?? status;
    terminal.say(summaryText(status, late));
    await terminal.json({
      name: composition.name,
      seconds: (performance.now() - startedMs) / 1000,
      ...summary(status, late),
    });
  } finally {
    await run.close();
  }
}

const quietLine = (status: TrainingStatus): string =>
  `${integer(status.counts.events)} events, ${integer(status.eventsPerSecond)}/s, NDCG@10 ${expertsLine(status)}`;

/** `late`: the same status with metrics that leave out the first fifth. */
function summary(status: TrainingStatus, late: TrainingStatus): Record<string, unknown> {
  const { phase, counts, users, items, learningMs, prequential, checkpoint, deadLetters, backend, replayed } = status;
  const experts = Object.fromEntries(
    Object.entries(prequential.experts).map(([name, { ndcg, recall, mrr, recentNdcg, events }]) => [
      name,
      {
        'ndcg@10': ndcg,
        'recall@10': recall,
        mrr,
        'last-80%-ndcg@10': late.prequential.experts[name].ndcg,
        'last-80%-recall@10': late.prequential.experts[name].recall,
        'recent-ndcg@10': recentNdcg,
        ranked: events,
      },
    ]),
  );
  return {
    ending: phase,
    ...counts,
    users,
    catalogue: items,
    deadLetters,
    replayedBatches: replayed,
    learningSeconds: learningMs / 1000,
    backend,
    checkpoint,
    faults: status.faults,
    heard: status.heard,
    prequential: experts,
  };
}

function summaryText(status: TrainingStatus, late: TrainingStatus): string {
  const { counts, deadLetters, checkpoint, learningMs, prequential, replayed } = status;
  const seconds = learningMs / 1000;
  const rest = [
    [counts.items, 'item records'],
    [counts.ignored, 'ignored'],
    [counts.duplicates, 'duplicates'],
    [deadLetters, 'dead letters'],
    [replayed, 'batches repeated from the journal'],
  ] as const;
  const lines = [
    `${integer(counts.events)} events learned in ${seconds.toFixed(1)} s; ${
      rest
        .filter(([count]) => count > 0)
        .map(([count, what]) => `${integer(count)} ${what}`)
        .join(', ') || 'nothing left out'
    }.`,
    checkpoint ? `Checkpoint ${checkpoint.sequence}, ${(checkpoint.bytes / 1e6).toFixed(1)} MB.` : 'No new checkpoint.',
  ];
  const rows = Object.entries(prequential.experts).map(([name, { ndcg, recall, recentNdcg }]) => {
    const { experts } = late.prequential;
    return [
      name,
      metric(ndcg),
      metric(recall),
      metric(experts[name].ndcg),
      metric(experts[name].recall),
      metric(recentNdcg),
    ];
  });
  const head = [
    'ranked before it was learned',
    'NDCG@10',
    'recall@10',
    'last 80 %: NDCG@10',
    'recall@10',
    'newest NDCG@10',
  ];
  const heard = heardLines(status);
  return [
    ...lines,
    ...faultsOf(status).map((fault) => `Went wrong: ${fault} times.`),
    '',
    textTable(head, rows),
    ...(heard.length > 0
      ? ['', 'Lessons as the guard lets them be heard, by how often their items were met:', ...heard]
      : []),
  ].join('\n');
}
