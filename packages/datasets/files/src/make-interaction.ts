import type { Interaction } from '@tandem-rec/contract';

import { isId, ORDER_EPOCH_MS, parseNumber, parseTime, type TimeUnit } from './fields.ts';

/** What the columns of a row hold, as texts; `undefined`: there is no such column in the map. */
export interface RawInteraction {
  readonly user: string | undefined;
  readonly item: string | undefined;
  readonly at: string | undefined;
  readonly kind: string | undefined;
  readonly value: string | undefined;
  readonly id: string | undefined;
}

/** Step between events whose file holds no times, milliseconds: their order in the file. */
const FILE_STEP_MS = 1000;

/** The interaction a row says, or why it says none. `place`: how many rows of the file came before. */
export function makeInteraction(
  raw: RawInteraction,
  unit: TimeUnit,
  kindWithout: string,
  place: number,
): Interaction | string {
  const { user, item, at, id } = raw;
  if (!isId(user)) return `The user ${shown(user)} is no id.`;
  if (!isId(item)) return `The item ${shown(item)} is no id.`;
  const atMs = at === undefined ? ORDER_EPOCH_MS + place * FILE_STEP_MS : parseTime(at, unit);
  if (!Number.isFinite(atMs))
    return `The time ${shown(at)} is not ${unit === 'iso' ? 'ISO 8601 with Z or an offset' : `a number of ${unit}`}.`;
  const value = raw.value === undefined ? 1 : parseNumber(raw.value);
  if (Number.isNaN(value)) return `The value ${shown(raw.value)} is not a number.`;
  const kind = raw.kind ?? kindWithout;
  if (kind === '') return 'The kind is empty.';
  if (id === undefined) return { user, item, atMs, kind, value };
  return isId(id) ? { user, item, atMs, kind, value, id } : `The event id ${shown(id)} is no id.`;
}

const shown = (text: string | undefined): string => (text === undefined ? '(missing)' : `"${text.slice(0, 60)}"`);
