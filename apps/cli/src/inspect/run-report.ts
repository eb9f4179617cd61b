import type { CheckpointStore, Composition, DeadLetter, JsonValue } from '@tandem-rec/contract';
import { describeDifference } from '@tandem-rec/kernel';

/** What a store tells of its run. */
export interface RunReport {
  readonly checkpoint:
    | {
        readonly id: string;
        readonly sequence: number;
        readonly atMs: number;
        readonly bytes: number;
        /** Learned when it was written. */
        readonly events: number;
        readonly offsets: { readonly [partition: string]: number };
        readonly platform: { readonly [key: string]: JsonValue };
        /** Where the composition that wrote it differs from this one; empty if it can be resumed. */
        readonly differences: readonly string[];
      }
    | undefined;
  readonly deadLetters: { readonly count: number; readonly newest: readonly DeadLetter[] };
}

/** Reads the newest checkpoint and the dead letters, without the run's lock. */
export async function reportRun(store: CheckpointStore, composition: Composition, letters: number): Promise<RunReport> {
  const deadLetters = { count: store.deadLetters.count(), newest: store.deadLetters.list(letters) };
  const [info] = await store.list();
  const read = info && (await store.read(info.id));
  if (info === undefined || read === undefined) return { checkpoint: undefined, deadLetters };
  const { platform, offsets, states } = read;
  const same = read.composition.hash === composition.hash;
  return {
    checkpoint: {
      ...info,
      events: Number(states['loop']?.values['events'] ?? 0),
      offsets,
      platform,
      differences: same ? [] : describeDifference(read.composition.description, composition.description),
    },
    deadLetters,
  };
}
