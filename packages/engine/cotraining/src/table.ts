import type { Composition, Rng, SharingStrategy } from '@tandem-rec/contract';
import type { NamedFusion } from './full-ranking.ts';
import type { Seat } from './information-sharing-module.ts';

/** What a composition has become: instances under their names, each with the random stream it was given. */
export interface Table {
  readonly composition: Composition;
  readonly seats: readonly Seat[];
  readonly strategy: SharingStrategy | undefined;
  readonly fusions: readonly NamedFusion[];
  /** The stream of a component by name, made at first use: `rng('fism')` is the one its `create` was given. */
  readonly rng: (name: string) => Rng;
}
