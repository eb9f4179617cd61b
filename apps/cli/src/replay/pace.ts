/** When a replayed record is sent. */
export type Pace =
  | { readonly kind: 'max' }
  | { readonly kind: 'rate'; readonly perSecond: number }
  /** As the records happened, `factor` times as fast. */
  | { readonly kind: 'realtime'; readonly factor: number };

/** `max`, a number of records a second, `realtime`, or `realtime×60` (`realtimex60`); undefined for anything else. */
export function parsePace(text: string): Pace | undefined {
  if (text === 'max') return { kind: 'max' };
  const [, realtime, number] = /^(?:(realtime)(?:[×x*](?=\d))?)?(\d+(?:\.\d+)?)?$/.exec(text) ?? [];
  if (realtime === undefined && number === undefined) return undefined;
  const value = number === undefined ? 1 : Number(number);
  if (value <= 0) return undefined;
  return realtime === undefined ? { kind: 'rate', perSecond: value } : { kind: 'realtime', factor: value };
}

/**
 * Milliseconds after the start of the replay at which a record is due.
 *
 * @param index 0-based number of the record.
 * @param sinceMs Milliseconds that lay between the first record and this one.
 */
export function dueMs(pace: Pace, index: number, sinceMs: number): number {
  switch (pace.kind) {
    case 'max':
      return 0;
    case 'rate':
      return (index * 1000) / pace.perSecond;
    case 'realtime':
      return sinceMs / pace.factor;
  }
}
