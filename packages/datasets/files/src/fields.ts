import { MAX_ID_LENGTH, parseIsoTime } from '@tandem-rec/data';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The finite decimal number that a text spells, or NaN. Stricter than `Number`, to which the empty text is 0. */
export function parseNumber(text: string): number {
  const value = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

/** Whether a text can be an id. */
export function isId(text: string | undefined): text is string {
  return text !== undefined && text.length > 0 && text.length <= MAX_ID_LENGTH && text.isWellFormed();
}

/** How times are written down. */
export type TimeUnit = 'seconds' | 'milliseconds' | 'iso';

/** Milliseconds since the epoch, or NaN. */
export function parseTime(text: string, unit: TimeUnit): number {
  if (unit === 'iso') return parseIsoTime(text);
  return unit === 'seconds' ? parseNumber(text) * 1000 : parseNumber(text);
}

/**
 * Times of datasets that have none: an event's place in its user's order becomes hours after this moment, so that time
 * tells the order within a user and everybody starts together. 2000-01-01 UTC, milliseconds.
 */
export const ORDER_EPOCH_MS = 946_684_800_000;
export const ORDER_STEP_MS = 3_600_000;
