import { sgemm } from '@tandem-rec/compute';
import type { Rows } from '@tandem-rec/contract';
import type { Notes } from '@tandem-rec/language';
import type { WrittenWeights, Parameter } from './written-weights.ts';
import type { ItemFeatures } from './item-features.ts';

/** Rows of a batch whose users something was told of, with the features of those words (`rows.length × features`). */
export interface Told {
  readonly rows: Int32Array;
  readonly features: Float32Array;
}

/** What other participants say about a user, added to their state: `h_u += Uᵀ φ(words)`, with U zero at the start. */
export class ToldUsers {
  readonly #features: ItemFeatures;
  readonly #notes: Notes;
  readonly #dim: number;
  /** `features × dim`. */
  readonly #U: Parameter;

  constructor(features: ItemFeatures, notes: Notes, dim: number, optimiser: WrittenWeights, learningRate: number) {
    this.#features = features;
    this.#notes = notes;
    this.#dim = dim;
    this.#U = optimiser.add('told:U', [features.dim, dim], learningRate, () => 0);
  }

  /** Reads the words about the users of a batch; each user's once. */
  async read(users: Rows, signal: AbortSignal | undefined): Promise<Told> {
    const words = new Map<number, number>();
    const texts: string[] = [];
    for (const user of users) {
      const said = user < 0 || words.has(user) ? [] : this.#notes.of('user', user);
      if (said.length > 0) words.set(user, texts.push(said.join(' ')) - 1);
    }
    const width = this.#features.dim;
    const distinct = texts.length === 0 ? new Float32Array(0) : await this.#features.ofTexts(texts, signal);
    const rows = Int32Array.from([...users.keys()].filter((b) => words.has(users[b])));
    const features = new Float32Array(rows.length * width);
    for (const [i, b] of rows.entries()) {
      const text = words.get(users[b])!;
      features.set(distinct.subarray(text * width, (text + 1) * width), i * width);
    }
    return { rows, features };
  }

  /** Adds to the states (`size × dim`). */
  addTo({ rows, features }: Told, H: Float32Array): void {
    const dim = this.#dim;
    const added = new Float32Array(rows.length * dim);
    sgemm({}, rows.length, dim, this.#features.dim, 1, features, this.#U.value, 0, added);
    for (const [i, b] of rows.entries()) for (let d = 0; d < dim; d++) H[b * dim + d] += added[i * dim + d];
  }

  /** Adds to the gradient of U, given that of the states. */
  backward({ rows, features }: Told, dH: Float32Array): void {
    const dim = this.#dim;
    const gradient = new Float32Array(rows.length * dim);
    for (const [i, b] of rows.entries()) gradient.set(dH.subarray(b * dim, (b + 1) * dim), i * dim);
    sgemm({ transA: true }, this.#features.dim, dim, rows.length, 1, features, gradient, 1, this.#U.gradient);
  }
}
