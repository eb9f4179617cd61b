import type { CatalogueItem, DeadLetter, Interaction, SourceRecord } from '@tandem-rec/contract';
import { decodeRecord, type TimeRules } from '@tandem-rec/data';

/** What a batch of records says, each kind in the order of the records. */
interface DecodedRecords {
  readonly interactions: readonly Interaction[];
  readonly items: readonly CatalogueItem[];
  /** Those that nobody can use, with the reason. */
  readonly dead: DeadLetter[];
}

/** `atMs`: the clock when the batch was closed. */
export function decodeRecords(records: readonly SourceRecord[], rules: TimeRules, atMs: number): DecodedRecords {
  const interactions: Interaction[] = [];
  const items: CatalogueItem[] = [];
  const dead: DeadLetter[] = [];
  for (const record of records) {
    const decoded = decodeRecord(record.value, rules);
    if (decoded.type === 'interaction') interactions.push(decoded.interaction);
    else if (decoded.type === 'item') items.push(decoded.item);
    else if (decoded.type === 'bad') {
      const { partition, offset, value } = record;
      const { code, reason } = decoded;
      dead.push({ partition, offset, code, reason, value: textOf(value), atMs });
    }
  }
  return { interactions, items, dead };
}

const textOf = (value: SourceRecord['value']): string | null =>
  value === null || typeof value === 'string' ? value : new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
