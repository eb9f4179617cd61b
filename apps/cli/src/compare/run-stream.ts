import type { CompositionRequest, LogLevel } from '@tandem-rec/cotrainer';
import { AGE_BUCKETS, type BlockSums } from '@tandem-rec/evaluation';
import { SKIP } from '../demo/results.ts';
import { expertsLine } from '../progress-lines.ts';
import { startProcess } from '../run-process.ts';
import type { Terminal } from '../terminal.ts';
import { integer } from '../text-table.ts';
import type { RunProgress } from './run-messages.ts';
import { plainSums, type ExpertResult, type PlainSums, type RunResult } from './run-result.ts';
import { lessonsIn, spentIn } from './what-they-say.ts';

/**
 * One pass over a stream, test-then-train, as `tandem start --once` does it: with checkpoint and journal in the run's
 * folder, so that an interrupted pass goes on where it was.
 */
export async function runStream(
  request: CompositionRequest,
  context: { readonly terminal: Pick<Terminal, 'note'>; readonly log: LogLevel; readonly signal: AbortSignal },
  onProgress: (progress: RunProgress) => void,
): Promise<Omit<RunResult, 'format' | 'about' | 'cost'> & { readonly spent: ReturnType<typeof spentIn> }> {
  const run = await startProcess(request, {
    logLevel: context.log,
    terminal: context.terminal,
    limit: { idleMs: 3000 },
  });
  try {
    const { thread } = run;
    const end = (): void => void thread.stop();
    context.signal.addEventListener('abort', end);
    if (context.signal.aborted) end();
    const watch = setInterval(
      () =>
        void thread.status().then(
          (status) =>
            status &&
            onProgress({
              text: `${integer(status.counts.events)} events, ${integer(status.eventsPerSecond)}/s, NDCG@10 ${expertsLine(status)}`,
              ...(status.lag !== undefined && { share: status.counts.records / (status.counts.records + status.lag) }),
            }),
          () => {},
        ),
      1000,
    );
    await thread.ended.finally(() => clearInterval(watch));
    context.signal.throwIfAborted();
    const { prequential } = (await thread.status(SKIP))!;
    const names = Object.keys(prequential.experts);
    const explained = await thread.explain();
    const all = await thread.blocks(names, { skip: SKIP });
    const by = (of: 'items' | 'users') =>
      Promise.all(AGE_BUCKETS.map((_, age) => thread.blocks(names, { skip: SKIP, of, ages: [age] })));
    const [items, users] = [await by('items'), await by('users')];
    const whole = await thread.blocks(names, {});
    return {
      experts: names.map((name): ExpertResult => {
        const sums = (parts: readonly Readonly<Record<string, BlockSums>>[]): readonly PlainSums[] =>
          parts.map((part) => plainSums(part[name]));
        const { ndcg, recall } = prequential.experts[name];
        return {
          name,
          ndcg,
          recall,
          measured: { kind: 'blocks', all: plainSums(all[name]), byItem: sums(items), byUser: sums(users) },
        };
      }),
      curve: { x: 'events', experts: Object.fromEntries(names.map((name) => [name, smoothed(whole[name])])) },
      lessons: lessonsIn(explained),
      leaks: [],
      spent: spentIn(explained),
    };
  } finally {
    await run.close();
  }
}

/** The mean over up to this many points of a curve: single blocks are noise. */
const POINTS = 40;

function smoothed({ sums, counts }: BlockSums): [number, number][] {
  const size = Math.max(1, Math.ceil(sums.length / POINTS));
  const points: [number, number][] = [];
  for (let from = 0, events = 0; from < sums.length; from += size) {
    const count = counts.subarray(from, from + size).reduce(plus, 0);
    events += count;
    if (count > 0) points.push([events, sums.subarray(from, from + size).reduce(plus, 0) / count]);
  }
  return points;
}

const plus = (a: number, b: number): number => a + b;
