import { deepfm, fm } from '@tandem-rec/model-features';
import { loadSplit } from './splits.ts';
import { movielensItems, ratingPrediction } from './rating-prediction.ts';
import { writeFileSync } from 'node:fs';
const signal = new AbortController().signal;
const split = await loadSplit('S2');
const items = await movielensItems(signal);
if (process.argv[2] === 'dump') {
  const known = new Map(items.map((i) => [i.id, i]));
  for (const part of ['train', 'valid', 'test'] as const)
    writeFileSync(
      `/tmp/fmsplit.${part}.tsv`,
      [...split[part]]
        .map((e) =>
          [
            split.table.users[e],
            split.table.items[e],
            split.table.values[e],
            split.table.atMs[e] / 1000,
            known.get(split.table.itemIds[split.table.items[e]])?.categories.join('|'),
          ].join('\t'),
        )
        .join('\n') + '\n',
    );
} else {
  const label = { atLeast: 4 };
  for (const json of process.argv.slice(2)) {
    const { m, ...o } = JSON.parse(json);
    const { batch = 512, ...opts } = o;
    const use = m === 'deepfm' ? deepfm({ label, ...opts }) : fm({ label, ...opts });
    const r = await ratingPrediction(m, use, split, items, {
      atLeast: 4,
      epochs: 60,
      patience: 4,
      batch,
      historyLimit: 100,
      seed: 42,
      signal,
    });
    console.log(
      json,
      JSON.stringify({
        ...r,
        auc: +r.auc.toFixed(4),
        validAuc: +r.validAuc.toFixed(4),
        logLoss: +r.logLoss.toFixed(4),
      }),
    );
  }
}
