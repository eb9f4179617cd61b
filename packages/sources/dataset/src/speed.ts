import { z } from '@tandem-rec/contract';

/** How fast a replay goes. */
export const speedSchema = z.union([
  z.literal('unlimited').describe('As fast as it is read.'),
  z.strictObject({ eventsPerSecond: z.number().positive().describe('Interactions a second.') }),
  z.strictObject({
    timesReal: z.number().positive().describe('So many times as fast as it happened: 3600 plays an hour in a second.'),
  }),
]);

export type Speed = z.output<typeof speedSchema>;

/** When each record of a replay is due. */
export interface Pace {
  /** Milliseconds after the replay began. To be asked for one record after the other. */
  dueMs(record: { readonly type: 'item' | 'interaction'; readonly atMs: number }): number;
}

/** The pace of a replay that begins now, with whatever record comes first. An item is due with what follows it. */
export function paceOf(speed: Speed): Pace {
  if (speed === 'unlimited') return { dueMs: () => 0 };
  if ('eventsPerSecond' in speed) {
    let before = 0;
    return { dueMs: ({ type }) => ((type === 'interaction' ? before++ : before) * 1000) / speed.eventsPerSecond };
  }
  let firstMs: number | undefined;
  return { dueMs: ({ atMs }) => (atMs - (firstMs ??= atMs)) / speed.timesReal };
}
