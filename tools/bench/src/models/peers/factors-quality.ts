import { readFile } from 'node:fs/promises';
import { sgemm } from '@tandem-rec/compute';
import { evaluationTask, type Split } from '@tandem-rec/data';
import { rankAll, summarise, userMetrics } from '@tandem-rec/evaluation';

/** Full ranking by inner products of rows that another program wrote: users, then items, float32. */
export async function factorsQuality(
  file: string,
  split: Split,
  cutoff: number,
): Promise<{ readonly ndcg: number; readonly recall: number }> {
  const bytes = await readFile(file);
  const rows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const dim = rows.length / (split.users + split.items);
  const items = rows.slice(split.users * dim);
  const task = evaluationTask(split, 'test', { historyLimit: 1 });
  const ranking = await rankAll(
    task,
    ({ users, size }) => {
      const asked = new Float32Array(size * dim);
      users.forEach((user, b) => asked.set(rows.subarray(user * dim, (user + 1) * dim), b * dim));
      const scores = new Float32Array(size * split.items);
      sgemm({ transA: false, transB: true }, size, split.items, dim, 1, asked, items, 0, scores);
      return scores;
    },
    { items: split.items },
  );
  const { ndcg, recall } = summarise(userMetrics(ranking, cutoff));
  return { ndcg, recall };
}
