import type { PluginUse } from '@tandem-rec/contract';
import { createHost } from '@tandem-rec/cotrainer';
import {
  given,
  leaveOneOut,
  loadInteractions,
  numpyRandom,
  randomPerUser,
  selectEvents,
  type EventTable,
  type Split,
} from '@tandem-rec/data';
import { amazonSequential, lightgcnFiles, movielens100k } from '@tandem-rec/dataset-files';
import { composePart, startPart } from '@tandem-rec/kernel';

interface SplitRule {
  /** One line for people. */
  readonly summary: string;
  readonly dataset: PluginUse<'dataset-reader'>;
  /** Ratings below it are left out. */
  readonly minValue?: number;
  /** Whether the dataset brings its parts. */
  readonly given?: true;
  readonly divide: (table: EventTable) => Split;
  /** Where lists are cut. */
  readonly cutoff: number;
}

export const SPLIT_NAMES = ['S1', 'S2', 'S3', 'S4'] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];

/** The splits on which other libraries were measured, to the row; `splits.test.ts` has their checksums. */
export const SPLITS: Readonly<Record<SplitName, SplitRule>> = {
  S1: {
    summary: 'MovieLens 100K, ratings ≥ 4, leave-one-out',
    dataset: movielens100k(),
    minValue: 4,
    divide: (table) => leaveOneOut(table),
    cutoff: 10,
  },
  S2: {
    summary: 'MovieLens 100K, random 80/10/10 of each user',
    dataset: movielens100k(),
    // As numpy draws it, so that peers in Python have the same rows.
    divide: (table) => randomPerUser(table, 0.1, 0.1, numpyRandom(42)),
    cutoff: 10,
  },
  S3: {
    summary: 'Amazon Beauty, leave-one-out',
    dataset: amazonSequential(),
    divide: (table) => leaveOneOut(table),
    cutoff: 10,
  },
  S4: { summary: 'Gowalla, official split', dataset: lightgcnFiles(), given: true, divide: given, cutoff: 20 },
};

const LIMITS = { startMs: 120_000, stopMs: 10_000, callMs: 120_000, threads: 1 };

/**
 * Reads a split from the datasets under `TANDEM_DATA`. Throws `TANDEM_DATASET_MISSING` if they are not there.
 *
 * @param part what it is to be ranked on: where `valid` is asked of a split without validation, a tenth of each user's
 *   training events is taken for it
 */
export async function loadSplit(name: SplitName, part: 'valid' | 'test' = 'test'): Promise<Split> {
  const { dataset, minValue, given: hasParts = false, divide } = SPLITS[name];
  const folder = process.cwd();
  const { signal } = new AbortController();
  const host = createHost({ seed: 42, signal, logLevel: 'silent', write: () => {} });
  const reader = await startPart(
    await composePart('dataset-reader', dataset, folder),
    { folder, limits: LIMITS },
    host,
  );
  try {
    const { table } = await loadInteractions(reader.instance, {
      given: hasParts,
      ...(minValue !== undefined && { minValue }),
    });
    const split = divide(table);
    return part === 'valid' && split.valid.length === 0 ? withValidation(split) : split;
  } finally {
    await reader.stop();
  }
}

/** A random tenth of every user's training events for validation, as numpy draws it from seed 42. */
function withValidation(split: Split): Split {
  const events = split.train.toSorted();
  const { train, test } = randomPerUser(selectEvents(split.table, events), 0, 0.1, numpyRandom(42));
  const original = (drawn: Int32Array): Int32Array => drawn.map((event) => events[event]);
  return { ...split, train: original(train), valid: original(test) };
}
