import type { JsonValue, State, Stateful } from '@tandem-rec/contract';
import { savedNumber } from './saved-number.ts';
import type { Table } from './table.ts';
import { COUNTS, type Counts } from './tally.ts';

/** What is left of a run beside its parts: the counts, and where the streams of random numbers are. */
export class LoopState implements Stateful {
  readonly #table: Table;
  readonly #counts: Counts;

  /** `counts` are read and restored in place. */
  constructor(table: Table, counts: Counts) {
    this.#table = table;
    this.#counts = counts;
  }

  save(): State {
    const rng = Object.fromEntries(this.#streams().map((name) => [name, this.#table.rng(name).save()]));
    return { version: 1, arrays: [], values: { ...this.#counts, rng } };
  }

  load(state: State): void {
    for (const name of COUNTS) this.#counts[name] = savedNumber(state, name);
    const rng = state.values['rng'] as Readonly<Record<string, { readonly [key: string]: JsonValue }>>;
    for (const name of this.#streams()) this.#table.rng(name).load(rng[name]);
  }

  #streams(): string[] {
    const { participants, sharing, fusions } = this.#table.composition;
    return [
      'loop',
      ...participants.map(({ name }) => name),
      ...(sharing ? [sharing.name] : []),
      ...fusions.map(({ name }) => name),
    ];
  }
}
