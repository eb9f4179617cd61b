import { createHash } from 'node:crypto';
import { sep } from 'node:path';
import type { CatalogueItem, Composition, JsonValue } from '@tandem-rec/contract';
import type { EventTable } from '@tandem-rec/data';

/** What a run's result follows from, beside its composition. */
export interface RunIdentity {
  readonly regime: 'batch' | 'stream';
  readonly code: string;
  readonly data: string;
  readonly permuted: boolean;
}

/**
 * The key of a run: a hash of its composition (seed, plugins, options, training), of how it is evaluated, of the data and of
 * the code. What does not change a result (seeds of others, resamples, folders of runs) is not in it.
 */
export function runKey(composition: Composition, { regime, code, data, permuted }: RunIdentity): string {
  const { evaluation, description, backend, limits, source } = composition;
  const { seeds: _, resamples: __, ...judging } = evaluation;
  return digest([
    FORMAT,
    regime,
    code,
    data,
    permuted,
    backend ?? 'best',
    limits.threads,
    description as JsonValue,
    regime === 'batch' ? judging : [source!.id, data === '' ? (source!.options as JsonValue) : null],
  ]);
}

/** Changes where results mean something else than before. */
const FORMAT = 1;

/** Of the events and words that a dataset gave. */
export function dataHash(table: EventTable, items: readonly CatalogueItem[]): string {
  const hash = createHash('sha256');
  for (const values of [table.users, table.items, table.atMs, table.values, table.kinds, table.parts])
    if (values) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  for (const ids of [table.userIds, table.itemIds, table.kindNames]) hash.update(ids.join('\n'));
  hash.update(table.chronology);
  for (const item of items) hash.update(`${JSON.stringify(item)}\n`);
  return hash.digest('hex');
}

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value).replaceAll(sep, '/')).digest('hex').slice(0, 32);
