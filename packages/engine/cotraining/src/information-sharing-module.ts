import {
  TandemError,
  type Attachment,
  type Bridge,
  type BridgeParticipant,
  type BridgeTable,
  type Catalogue,
  type Grant,
  type GrantedTable,
  type Participant,
  type ParticipantPart,
  type Rng,
  type Role,
  type Statistics,
  type Step,
  type TableAccess,
} from '@tandem-rec/contract';
import type { SharedEmbeddings, SharedTable } from '@tandem-rec/compute';

/** A participant at the table. */
export interface Seat {
  readonly part: ParticipantPart;
  readonly instance: Participant;
}

type Prior = Parameters<BridgeTable['pull']>[0];

/**
 * BDLM's information sharing module (arXiv 2311.03778): the *storage* that both sides read and write, which is the shared
 * embeddings with the access that the strategy granted, and the *bridge* for collaborative training, through which a
 * strategy reaches every participant's knowledge.
 */
export class InformationSharingModule {
  readonly embeddings: SharedEmbeddings;
  readonly bridge: Bridge;
  readonly #seats: readonly Seat[];
  readonly #grants: readonly Grant[];
  readonly #priors = new Map<string, Prior>();
  readonly #trainers = new Map<string, Set<string>>();
  /** Tables that only their owner sees at present. */
  readonly #hidden = new Set<string>();
  /** Times that a table was hidden or shown: part of what its revision counts. */
  readonly #turns = new Map<string, number>();
  readonly #pending = new Map<string, Step['rowGradients'][number][]>();
  #targets = new Float32Array(0);
  #weights = new Float32Array(0);

  /** Creates every table that a participant brings; `rng(name)` gives each table the stream of its births. */
  constructor(
    seats: readonly Seat[],
    grants: readonly Grant[],
    more: {
      readonly embeddings: SharedEmbeddings;
      readonly catalogue: Catalogue;
      readonly statistics: Statistics;
      readonly rng: (name: string) => Rng;
    },
  ) {
    this.embeddings = more.embeddings;
    this.#seats = seats;
    this.#grants = grants;
    for (const { part } of seats)
      for (const request of part.tables) {
        const name = `${part.name}/${request.name}`;
        this.embeddings.createTable({ ...request, name, rng: more.rng(`table/${name}`) });
      }
    const seatsOf = (role: Role): readonly BridgeParticipant[] =>
      seats.filter(({ part }) => part.role === role).map((seat) => this.#bridgeParticipant(seat));
    this.bridge = {
      domain: seatsOf('domain'),
      language: seatsOf('language'),
      catalogue: more.catalogue,
      statistics: more.statistics,
    };
  }

  /** Hands every participant its own tables and those it was granted. */
  async attach(): Promise<void> {
    for (const { part, instance } of this.#seats) {
      const own = Object.fromEntries(
        part.tables.map((request) => [
          request.name,
          this.#granted(this.#table(part, request.name), 'assign', part.name),
        ]),
      );
      const attachment: Attachment = {
        own,
        shared: this.#sharedWith(part),
        catalogue: this.bridge.catalogue,
        statistics: this.bridge.statistics,
      };
      await instance.attach(attachment);
    }
  }

  /**
   * Applies the gradients of one step to the tables, table by table in order of creation, then the strategy's priors.
   * `rate` scales both, so that a schedule does not shift the balance between them.
   */
  apply(steps: readonly { readonly name: string; readonly step: Step }[], rate = 1): void {
    for (const { name, step } of steps)
      for (const gradients of step.rowGradients) {
        if (!this.#trainers.get(gradients.table)?.has(name))
          throw new TandemError(
            'TANDEM_TABLE_ACCESS',
            `${name} returned gradients for ${gradients.table}, which it was not granted to train.`,
          );
        if (this.#hidden.has(gradients.table) && !gradients.table.startsWith(`${name}/`)) continue;
        const list = this.#pending.get(gradients.table);
        if (list) list.push(gradients);
        else this.#pending.set(gradients.table, [gradients]);
      }
    for (const table of this.embeddings.tables) {
      const gradients = this.#pending.get(table.name);
      if (gradients === undefined) continue;
      this.#pending.delete(table.name);
      const { rows, values } = joined(gradients);
      this.#pull(table, table.applyGradients(rows, values, rate), rate);
    }
  }

  #pull(table: SharedTable, touched: Int32Array, rate: number): void {
    const prior = this.#priors.get(table.name);
    if (prior === undefined || touched.length === 0) return;
    if (this.#weights.length < touched.length) this.#weights = new Float32Array(touched.length * 2);
    if (this.#targets.length < touched.length * table.dim)
      this.#targets = new Float32Array(touched.length * table.dim * 2);
    const weights = this.#weights.subarray(0, touched.length).fill(0);
    const targets = this.#targets.subarray(0, touched.length * table.dim);
    prior(touched, targets, weights);
    if (rate !== 1) for (let i = 0; i < weights.length; i++) weights[i] *= rate;
    table.pull(touched, targets, weights);
  }

  #sharedWith(part: ParticipantPart): GrantedTable[] {
    if (!part.takes.includes('parameters')) return [];
    return this.#grants
      .filter((grant) => grant.of !== part.role)
      .flatMap((grant) =>
        this.#seats
          .filter(({ part: owner }) => owner.role === grant.of && owner.tables.some(({ name }) => name === grant.table))
          .map(({ part: owner }) => this.#granted(this.#table(owner, grant.table), grant.access, part.name)),
      );
  }

  #table(part: ParticipantPart, name: string): SharedTable {
    return this.embeddings.table(`${part.name}/${name}`);
  }

  #granted(table: SharedTable, access: TableAccess, participant: string): GrantedTable {
    if (access !== 'read') {
      const trainers = this.#trainers.get(table.name) ?? new Set();
      this.#trainers.set(table.name, trainers.add(participant));
    }
    const isHidden = (): boolean => this.#hidden.has(table.name) && !table.name.startsWith(`${participant}/`);
    const turns = this.#turns;
    return {
      name: table.name,
      side: table.side,
      dim: table.dim,
      access,
      get rows() {
        return table.rows;
      },
      get revision() {
        return table.revision + (turns.get(table.name) ?? 0);
      },
      gather: (rows, into) => (isHidden() ? void into.fill(0, 0, rows.length * table.dim) : table.gather(rows, into)),
      copy: (count, into) => (isHidden() ? void into.fill(0, 0, count * table.dim) : table.copy(count, into)),
      assign: (rows, values) => {
        if (access !== 'assign')
          throw new TandemError('TANDEM_TABLE_ACCESS', `${participant} may ${access} ${table.name}, not assign it.`);
        table.assign(rows, values);
      },
    };
  }

  #bridgeParticipant({ part, instance }: Seat): BridgeParticipant {
    const lacks = (knowledge: string): TandemError =>
      new TandemError('TANDEM_COMPOSE_MISSING_CAPABILITY', `${part.name} (${part.id}) does not give ${knowledge}.`);
    return {
      name: part.name,
      role: part.role,
      gives: part.gives,
      takes: part.takes,
      tables: Object.fromEntries(
        part.tables.map((request) => [request.name, this.#bridgeTable(this.#table(part, request.name))]),
      ),
      predict: (users, items) => instance.predict(users, items),
      represent: async (side, rows, layer) => {
        if (!instance.represent) throw lacks('representations');
        return instance.represent(side, rows, layer);
      },
      describe: async (subject) => {
        if (!instance.describe) throw lacks('text');
        return instance.describe(subject);
      },
    };
  }

  #bridgeTable(table: SharedTable): BridgeTable {
    return {
      name: table.name,
      side: table.side,
      dim: table.dim,
      get rows() {
        return table.rows;
      },
      gather: (rows, into) => table.gather(rows, into),
      copy: (count, into) => table.copy(count, into),
      assign: (rows, values) => table.assign(rows, values),
      initialise: (initialiser) => table.initialise(initialiser),
      pull: (prior) => this.#priors.set(table.name, prior),
      show: (visible) => {
        if (visible !== this.#hidden.has(table.name)) return;
        if (visible) this.#hidden.delete(table.name);
        else this.#hidden.add(table.name);
        this.#turns.set(table.name, (this.#turns.get(table.name) ?? 0) + 1);
      },
    };
  }
}

/** The gradients of several participants for one table, in their order: the table adds up what meets in a row. */
function joined(gradients: readonly Step['rowGradients'][number][]): {
  readonly rows: Int32Array;
  readonly values: Float32Array;
} {
  if (gradients.length === 1) return gradients[0];
  const rows = new Int32Array(gradients.reduce((sum, one) => sum + one.rows.length, 0));
  const values = new Float32Array(gradients.reduce((sum, one) => sum + one.values.length, 0));
  let row = 0;
  let value = 0;
  for (const one of gradients) {
    rows.set(one.rows, row);
    values.set(one.values, value);
    row += one.rows.length;
    value += one.values.length;
  }
  return { rows, values };
}
