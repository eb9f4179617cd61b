import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogueItem } from '@tandem-rec/contract';
import { GIVEN_PARTS, type Split } from '@tandem-rec/data';
import type { RunAbout } from '../run-about.ts';
import { peerEnvironments, pythonJson, type MissingPeer } from './peer-environments.ts';
import { lastLine } from './python-environment.ts';
import type { RatingPeer } from './recorded-rating-peers.ts';

/** What the peers reached in this run, by the model of ours, and which of them did not run and why. */
export interface RatingPeerRun {
  readonly figures: ReadonlyMap<string, RatingPeer>;
  readonly missing: readonly MissingPeer[];
}

const COMMON = { epochs: 60, patience: 4, train_batch_size: 512 };

/** Chosen by AUC on validation: rates of .0003, .001, .003 and .01, with and without the weight decay. */
const SETTINGS: Readonly<Record<string, readonly [kind: string, parameters: object]>> = {
  'logistic regression': ['LR', { ...COMMON, learning_rate: 0.003 }],
  fm: ['FM', { ...COMMON, embedding_size: 16, learning_rate: 0.001, weight_decay: 1e-5 }],
  deepfm: [
    'DeepFM',
    {
      ...COMMON,
      embedding_size: 16,
      mlp_hidden_size: [64, 32],
      dropout_prob: 0.2,
      learning_rate: 0.001,
      weight_decay: 1e-5,
    },
  ],
};

/** Runs RecBole's models of features on the same ratings, with one thread. */
export async function runRatingPeers(
  models: readonly string[],
  {
    split,
    items,
    atLeast,
  }: { readonly split: Split; readonly items: readonly CatalogueItem[]; readonly atLeast: number },
  run: RunAbout,
  note: (line: string) => void,
): Promise<RatingPeerRun> {
  const { programs, missing: absent } = await peerEnvironments(['recbole'], note);
  const python = programs.get('recbole');
  const figures = new Map<string, RatingPeer>();
  const missing = [...absent];
  if (python === undefined) return { figures, missing };
  for (const model of models.filter((one) => Object.hasOwn(SETTINGS, one))) {
    const [kind, parameters] = SETTINGS[model];
    const peer = `RecBole ${kind}`;
    const folder = await mkdtemp(join(tmpdir(), 'tandem-peers-'));
    try {
      for (const part of GIVEN_PARTS)
        await writeFile(join(folder, `${part}.tsv`), ratingRows(split, split[part], atLeast));
      await writeFile(join(folder, 'items.tsv'), categoryRows(split.table.itemIds, items));
      note(`${peer} …`);
      const reached = await pythonJson(python, 'run_recbole_ratings.py', [kind, folder, JSON.stringify(parameters)]);
      const { auc, logLoss, cpuSecondsPerEpoch } = reached as Record<string, number>;
      note(`  AUC ${auc.toFixed(4)}, ${cpuSecondsPerEpoch.toFixed(2)} s a pass`);
      const source = 'measured by this command, one thread';
      figures.set(model, { peer, auc, logLoss, cpuSecondsPerEpoch, source, run });
    } catch (error) {
      missing.push({ peer, reason: lastLine(error) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { figures, missing };
}

/** A line `user<TAB>item<TAB>label<TAB>hour<TAB>weekday` an event. */
function ratingRows({ table }: Split, events: Int32Array, atLeast: number): string {
  const lines = Array.from(events, (event) => {
    const at = new Date(table.atMs[event]);
    const label = table.values[event] >= atLeast ? 1 : 0;
    return [table.users[event], table.items[event], label, at.getUTCHours(), at.getUTCDay()].join('\t');
  });
  return `${lines.join('\n')}\n`;
}

/** A line `item<TAB>categories` an item, numbers with spaces between. */
function categoryRows(itemIds: readonly string[], items: readonly CatalogueItem[]): string {
  const known = new Map(items.map(({ id, categories }) => [id, categories]));
  const numbers = new Map([...new Set(items.flatMap(({ categories }) => categories))].map((name, k) => [name, k]));
  const lines = itemIds.map((id, row) => `${row}\t${(known.get(id) ?? []).map((name) => numbers.get(name)).join(' ')}`);
  return `${lines.join('\n')}\n`;
}
