import { TandemError, type JsonValue, type State } from '@tandem-rec/contract';

/** A part of a strategy with a memory. */
interface Part {
  save(): State;
  load(state: State): void;
}

/** One part of a strategy for each participant that it is about, by name, and their states as one. */
export class PerParticipant<T extends Part> {
  readonly #make: () => T;
  readonly #parts = new Map<string, T>();

  constructor(make: () => T) {
    this.#make = make;
  }

  of(name: string): T {
    const part = this.#parts.get(name) ?? this.#make();
    this.#parts.set(name, part);
    return part;
  }

  /** Arrays as `<participant>/<array>`, values by participant. */
  save(): State {
    const states = [...this.#parts].map(([name, part]) => [name, part.save()] as const);
    return {
      version: 1,
      arrays: states.flatMap(([name, { arrays }]) =>
        arrays.map((array) => ({ ...array, name: `${name}/${array.name}` })),
      ),
      values: Object.fromEntries(states.map(([name, { values }]) => [name, values])),
    };
  }

  /** The reverse of `save`. Throws `TANDEM_STATE_MISMATCH`. */
  load({ arrays, values }: Pick<State, 'arrays' | 'values'>): void {
    for (const [name, saved] of Object.entries(values)) {
      if (saved === null || typeof saved !== 'object' || Array.isArray(saved))
        throw new TandemError('TANDEM_STATE_MISMATCH', `The saved state of what concerns ${name} holds nothing.`);
      const own = arrays
        .filter((array) => array.name.startsWith(`${name}/`))
        .map((array) => ({ ...array, name: array.name.slice(name.length + 1) }));
      this.of(name).load({ version: 1, arrays: own, values: saved as Readonly<Record<string, JsonValue>> });
    }
  }
}
