import { defineInteractionSource, z } from '@tandem-rec/contract';
import { EventLogSink } from './event-log-sink.ts';
import { EventLogSource } from './event-log-source.ts';

/**
 * An embedded event log: one SQLite file that any number of processes append to and read from, no server needed. Made
 * where it is missing. Offsets are of one partition and start at 1.
 *
 * Options:
 * - `file`: the log, relative to the configuration file. Default `.tandem/events.sqlite`.
 * - `from`: where a run without a checkpoint begins. Default `earliest`.
 * - `pollMs`: pause between two looks while the log has nothing new, milliseconds, 1 to 10,000. Default 20.
 *
 * Errors: `TANDEM_SOURCE_UNREADABLE`, `TANDEM_SOURCE_UNWRITABLE`, `TANDEM_SOURCE_OFFSET_OUT_OF_RANGE`.
 *
 * @example
 * ```ts
 * import { defineConfig } from '@tandem-rec/contract';
 * import { eventLog } from '@tandem-rec/source-event-log';
 *
 * export default defineConfig({ source: eventLog({ file: 'events.sqlite', from: 'latest' }), … });
 * ```
 */
export const eventLog = defineInteractionSource({
  id: '@tandem-rec/source-event-log#eventLog',
  summary: 'An embedded event log in one file, no server needed.',
  options: z.strictObject({
    file: z.string().min(1).default('.tandem/events.sqlite').describe('The log, relative to the configuration file.'),
    from: z.enum(['earliest', 'latest']).default('earliest').describe('Where a run without a checkpoint begins.'),
    pollMs: z
      .int()
      .min(1)
      .max(10_000)
      .default(20)
      .describe('Pause between two looks while the log has nothing new, milliseconds.'),
  }),
  create: ({ file, from, pollMs }, env) => new EventLogSource(env.resolvePath(file), from, pollMs, env),
  createSink: ({ file }, env) => new EventLogSink(env.resolvePath(file), env),
});
