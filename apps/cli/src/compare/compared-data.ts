import { isPluginUse, type Composition, type DatasetReader, type Part, type PluginUse } from '@tandem-rec/contract';
import { createHost } from '@tandem-rec/cotrainer';
import { countEvents, findLeaks, loadInteractions, loadItems, type LeakFinding } from '@tandem-rec/data';
import { composePart, startPart } from '@tandem-rec/kernel';
import { dataText, loadData, type OfflineContext } from '../offline/run-offline.ts';
import { integer } from '../text-table.ts';
import type { TrainingCounts } from './arms.ts';
import { dataHash } from './run-key.ts';

/** What there is to know of the data before anything is trained. */
export interface ComparedData {
  /** For people. */
  readonly text: string;
  /** Empty where a stream cannot be read twice: what then stands for it is the source's options. */
  readonly hash: string;
  readonly leaks: readonly LeakFinding[];
  /** How often users and items occur in the training part; nothing for a stream. */
  readonly counts: TrainingCounts;
}

/** The dataset at rest, split as it will be. */
export async function dataAtRest(composition: Composition, context: OfflineContext): Promise<ComparedData> {
  const data = await loadData(composition, context);
  return {
    text: dataText(data),
    hash: dataHash(data.split.table, data.items),
    leaks: findLeaks(data.split, data.items),
    counts: countEvents(data.split, ['train']),
  };
}

/** What a source will play, as far as it can be known before. */
export async function dataOfStream(composition: Composition, context: OfflineContext): Promise<ComparedData> {
  const source = composition.source!;
  const played = (source.options as { readonly dataset?: unknown }).dataset;
  const nothing = { hash: '', leaks: [], counts: { items: [], users: [] } };
  if (!isPluginUse(played) || played.kind !== 'dataset-reader')
    return { ...nothing, text: `The stream of ${source.name}, from its beginning to where it pauses.` };
  const part: Part<'dataset-reader'> = await composePart(
    'dataset-reader',
    played as PluginUse<'dataset-reader'>,
    composition.folder,
  );
  const host = createHost({ seed: composition.seed, signal: context.signal, logLevel: context.log, write: () => {} });
  const reader = await startPart(part, composition, host);
  try {
    const { table } = await loadInteractions(reader.instance as DatasetReader, { signal: context.signal });
    const { items } = await loadItems(reader.instance as DatasetReader, { signal: context.signal });
    const text = `${table.name}: ${integer(table.size)} interactions of ${integer(table.userIds.length)} users with ${integer(table.itemIds.length)} items, in the order of time.`;
    return { ...nothing, text, hash: dataHash(table, items) };
  } finally {
    await reader.stop();
  }
}
