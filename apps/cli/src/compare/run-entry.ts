import { TandemError } from '@tandem-rec/contract';
import type { OfflineContext } from '../offline/run-offline.ts';
import { runBatch } from './run-batch.ts';
import type { FromRun, RunOrder, RunProgress } from './run-messages.ts';
import { runStream } from './run-stream.ts';

// One training in a process of its own: what it costs is what the process cost.
const stop = new AbortController();
process.on('SIGTERM', () =>
  stop.abort(new TandemError('TANDEM_TRAINING_KILLED', 'its process was asked to end, not by the comparison.')),
);
// Ctrl-C on a terminal reaches the whole group: the parent decides.
process.on('SIGINT', () => {});
// Nobody is left to hear of it.
process.on('disconnect', () => process.exit(1));
process.once('message', (order: RunOrder) => void train(order));

const say = (message: FromRun): Promise<void> =>
  new Promise((resolve) => (process.send ? process.send(message, () => resolve()) : resolve()));

async function train({ regime, request, log, about }: RunOrder): Promise<void> {
  const startedMs = performance.now();
  const terminal: OfflineContext['terminal'] = { note: (line) => void say({ kind: 'note', line }), progress: () => {} };
  const onProgress = (progress: RunProgress): void => void say({ kind: 'progress', progress });
  try {
    const run = regime === 'batch' ? runBatch : runStream;
    const { spent, ...found } = await run(request, { terminal, log, signal: stop.signal }, onProgress);
    const { user, system } = process.cpuUsage();
    const cost = {
      cpuSeconds: (user + system) / 1e6,
      seconds: (performance.now() - startedMs) / 1000,
      peakMb: process.resourceUsage().maxRSS / 1024,
      ...spent,
    };
    await say({ kind: 'result', result: { format: 1, about, ...found, cost } });
  } catch (thrown) {
    const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
    const message = error instanceof Error ? error.message : String(error);
    await say({
      kind: 'failed',
      message,
      ...(TandemError.is(error) && { code: error.code, remedy: error.remedy }),
    });
  }
  process.exit();
}
