import { dirname } from 'node:path';
import { SeededRng } from '@tandem-rec/compute';
import type { Evaluation, PluginUse } from '@tandem-rec/contract';
import { countEvents, evaluationTask, loadInteractions, numpyRandom, splitTable, type Split } from '@tandem-rec/data';
import { rankAll, summarise, userMetrics, type RankingScores } from '@tandem-rec/evaluation';
import { dataFolder } from '@tandem-rec/testing';
import { testEnvironment } from '@tandem-rec/testkit';

/** A split of real data; random ones as numpy draws them from seed 42. */
export async function loadSplit(
  use: PluginUse<'dataset-reader'>,
  how: Evaluation['split'],
  minValue?: number,
): Promise<Split> {
  const environment = testEnvironment({ dataFolder: dirname(dataFolder('any')) });
  const reader = await use.definition.create(use.definition.options.parse(use.options), environment);
  const { table } = await loadInteractions(reader, { minValue, given: how.by === 'given' });
  return splitTable(table, how, how.by === 'random' ? numpyRandom(42) : new SeededRng(1));
}

/** Popularity in training, equal counts by ascending id as the numbers to compare with were made, or left equal. */
export async function popularity(split: Split, cutoff: number, ties: 'by id' | 'equal'): Promise<RankingScores> {
  const scores = countEvents(split, ['train']).items;
  if (ties === 'by id') {
    const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b] || b - a);
    order.forEach((item, place) => (scores[item] = place));
  }
  const rows = new Float32Array(64 * split.items);
  for (let b = 0; b < 64; b++) rows.set(scores, b * split.items);
  const task = evaluationTask(split, 'test', { historyLimit: 1 });
  return summarise(userMetrics(await rankAll(task, () => rows, { items: split.items, batch: 64 }), cutoff));
}
