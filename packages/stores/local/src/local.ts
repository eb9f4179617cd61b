import { defineCheckpointStore, z } from '@tandem-rec/contract';
import { LocalCheckpointStore } from './local-checkpoint-store.ts';

/**
 * Keeps a run in a local directory: checkpoints as single files with a hash, written beside and renamed; the journal as
 * segments synced with every entry; dead letters in an SQLite table; an exclusive lock for the one writer. Needs a file
 * system with POSIX locks and atomic renames: any local disk.
 *
 * Options:
 * - `folder`: the run directory, relative to the configuration file. Default `.tandem/run`.
 * - `keep`: how many checkpoints stay, ≥ 1. Default 3.
 *
 * Errors: `TANDEM_RUN_LOCKED`, `TANDEM_RUN_UNWRITABLE`, `TANDEM_CHECKPOINT_WRITE`, `TANDEM_JOURNAL_WRITE`,
 * `TANDEM_DEAD_LETTER_WRITE`.
 *
 * @example
 * ```ts
 * import { defineConfig } from '@tandem-rec/contract';
 * import { local } from '@tandem-rec/store-local';
 *
 * export default defineConfig({ store: local({ folder: 'runs/movies', keep: 5 }), … });
 * ```
 */
export const local = defineCheckpointStore({
  id: '@tandem-rec/store-local#local',
  summary: 'Checkpoints, journal and dead letters in a local directory.',
  options: z.strictObject({
    folder: z.string().min(1).default('.tandem/run').describe('The run directory, relative to the configuration file.'),
    keep: z.int().min(1).default(3).describe('How many checkpoints stay.'),
  }),
  create: ({ folder, keep }, env) => new LocalCheckpointStore(env.resolvePath(folder), keep, env),
});
