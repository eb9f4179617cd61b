import { allRows } from '@tandem-rec/compute';
import { composeVariant, type CompositionRequest } from '@tandem-rec/cotrainer';
import type { OfflineProgress } from '@tandem-rec/cotraining';
import { checkVectors, type LeakFinding } from '@tandem-rec/data';
import { loadData, offlineProgressLines, runOffline, type OfflineContext } from '../offline/run-offline.ts';
import type { RunProgress } from './run-messages.ts';
import type { Curve, RunResult } from './run-result.ts';
import { lessonsIn, spentIn } from './what-they-say.ts';

/** One training on data at rest, to convergence. */
export async function runBatch(
  request: CompositionRequest,
  context: OfflineContext,
  onProgress: (progress: RunProgress) => void,
): Promise<Omit<RunResult, 'format' | 'about' | 'cost'> & { readonly spent: ReturnType<typeof spentIn> }> {
  const data = await loadData(await composeVariant(request), context);
  const startedMs = performance.now();
  const points: Record<string, [number, number][]> = {};
  const leaks: LeakFinding[] = [];
  const onProgressOf = (progress: OfflineProgress): void => {
    for (const [name, ndcg] of Object.entries(progress.validation)) (points[name] ??= []).push([progress.epoch, ndcg]);
    const [line, validation] = offlineProgressLines(progress, '', startedMs);
    onProgress({ text: `${line.slice(2)},${validation.slice(1)}` });
  };
  const { results, explained } = await runOffline(request, data, context, onProgressOf, async ({ language }) => {
    // Before the exchange these come from words alone.
    if (request.variant === 'together')
      for (const { name, gives, represent } of language)
        if (gives.includes('representations'))
          leaks.push(checkVectors(data.split, await represent('item', allRows(data.split.items)), name));
  });
  const { users, offsets } = results[0].ranking;
  return {
    asked: { users: [...users], offsets: [...offsets] },
    experts: results.map(({ name, scores, ranking, bestEpoch, cpuMs }) => ({
      name,
      ndcg: scores.ndcg,
      recall: scores.recall,
      measured: { kind: 'ranks', ranks: [...ranking.ranks], targets: [...ranking.targets] },
      bestEpoch,
      cpuSeconds: cpuMs / 1000,
    })),
    curve: { x: 'epoch', experts: points } satisfies Curve,
    lessons: lessonsIn(explained),
    leaks,
    spent: spentIn(explained),
  };
}
