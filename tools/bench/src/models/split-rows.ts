import type { GivenPart } from '@tandem-rec/contract';
import type { Split } from '@tandem-rec/data';

/** A part of a split as other programs read it: a line `user<TAB>item` an event, row numbers, users ascending, oldest first. */
export function splitRows({ table, ...parts }: Split, part: GivenPart): string {
  const lines: string[] = [];
  for (const event of parts[part]) lines.push(`${table.users[event]}\t${table.items[event]}\n`);
  return lines.join('');
}

/** A line `row<TAB>id` for every user or item. */
export const idRows = (ids: readonly string[]): string => ids.map((id, row) => `${row}\t${id}\n`).join('');
