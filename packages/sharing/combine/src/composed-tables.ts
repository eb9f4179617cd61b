import type { Bridge, BridgeParticipant, BridgeTable, Role, Rows } from '@tandem-rec/contract';

type Initialiser = Parameters<BridgeTable['initialise']>[0];
type Prior = Parameters<BridgeTable['pull']>[0];

/** How loud strategy k is heard about the tables of a role at this moment, 0 to 1. */
export type Loudness = (strategy: number, role: Role) => number;

/**
 * The tables of a bridge for several strategies. A table has one initialiser and one prior; here each strategy sets its
 * own, and the table gets what they come to together:
 *
 * - a row is born by the first strategy, in their order, that does not leave it to others;
 * - pulls act one after the other, `row ← row + w_k (t_k − row)` for k = 1 … K, which is one pull of weight W toward T with
 *
 *       1 − W = Π_k (1 − w_k)        W · T = Σ_k w_k t_k Π_{j>k} (1 − w_j)
 */
export class ComposedTables {
  readonly #loudness: Loudness;
  readonly #initialisers = new Map<string, (Initialiser | undefined)[]>();
  readonly #priors = new Map<string, (Prior | undefined)[]>();

  constructor(loudness: Loudness) {
    this.#loudness = loudness;
  }

  /** The bridge as strategy k sees it. */
  bridge(bridge: Bridge, k: number): Bridge {
    const seen = (participant: BridgeParticipant): BridgeParticipant => ({
      ...participant,
      tables: Object.fromEntries(
        Object.entries(participant.tables).map(([name, table]) => [name, this.#table(table, participant.role, k)]),
      ),
    });
    return { ...bridge, domain: bridge.domain.map(seen), language: bridge.language.map(seen) };
  }

  #table(table: BridgeTable, role: Role, k: number): BridgeTable {
    return Object.assign(Object.create(table) as BridgeTable, {
      initialise: (initialiser: Initialiser) => {
        if (placeOf(this.#initialisers, table, k, initialiser)) table.initialise(this.#born(table));
      },
      pull: (prior: Prior) => {
        if (placeOf(this.#priors, table, k, prior)) table.pull(this.#pulled(table, role));
      },
    });
  }

  #born(table: BridgeTable): Initialiser {
    return (rows, into) => this.#initialisers.get(table.name)!.some((initialiser) => initialiser?.(rows, into));
  }

  #pulled({ name, dim }: BridgeTable, role: Role): Prior {
    return (rows: Rows, targets, weights) => {
      targets.fill(0);
      weights.fill(0);
      const t = new Float32Array(targets.length);
      const w = new Float32Array(weights.length);
      for (const [k, prior] of this.#priors.get(name)!.entries()) {
        const loud = this.#loudness(k, role);
        if (!prior || loud === 0) continue;
        prior(rows, t.fill(0), w.fill(0));
        for (let row = 0; row < rows.length; row++) {
          const weight = Math.min(1, loud * w[row]);
          // `targets` holds W · T until all have pulled.
          for (let at = row * dim; at < (row + 1) * dim; at++) targets[at] += weight * (t[at] - targets[at]);
          weights[row] += weight * (1 - weights[row]);
        }
      }
      for (let row = 0; row < rows.length; row++)
        if (weights[row] > 0) for (let at = row * dim; at < (row + 1) * dim; at++) targets[at] /= weights[row];
    };
  }
}

/** Sets what strategy k does about a table; true if nobody did before. */
function placeOf<T>(all: Map<string, (T | undefined)[]>, { name }: BridgeTable, k: number, value: T): boolean {
  const places = all.get(name);
  if (!places) all.set(name, []);
  all.get(name)![k] = value;
  return places === undefined;
}
