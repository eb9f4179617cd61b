import { logSoftmaxRows } from '@tandem-rec/compute';
import {
  TandemError,
  type Fusion,
  type Opinions,
  type Role,
  type Scores,
  type State,
  type Statistics,
} from '@tandem-rec/contract';
import { Adam } from './adam.ts';
import { ageOf, AGES } from './ages.ts';
import type { GateOptions } from './gate.ts';
import { restore } from './restore.ts';

/** What an expert holds impossible counts as this log-probability: one expert has no veto. */
const LEAST = -30;

/**
 * The fusion behind `gate`. With age groups a(u) and a(i) and the experts' log-softmax over the candidates,
 *
 *     z_u,i = Σ_e W[a(u), a(i), e] · max(log p_e(i | u), −30) + B[a(u), a(i)]
 *
 * learned by softmax cross-entropy at the true item. Items that every expert excludes are excluded.
 */
export class GateFusion implements Fusion {
  readonly #options: GateOptions;
  #experts: readonly string[] = [];
  #statistics!: Statistics;
  /** W and B together: for each pair of ages one weight an expert, then the bias. */
  #parameters = new Float32Array(0);
  #gradient = new Float32Array(0);
  #adam!: Adam;

  /** One `users × items` block of log-probabilities an expert, of the opinions that were read last. */
  #beliefs: Float32Array[] = [];
  #read: Opinions | undefined;
  #fused = new Float32Array(0);
  /** Offset of a candidate's age among the parameters of a user's age. */
  #itemOffsets = new Int32Array(0);

  constructor(options: GateOptions) {
    this.#options = options;
  }

  attach(experts: readonly { readonly name: string; readonly role: Role }[], statistics: Statistics): void {
    const width = experts.length + 1;
    this.#experts = experts.map(({ name }) => name);
    this.#statistics = statistics;
    this.#parameters = new Float32Array(AGES.length * AGES.length * width).fill(this.#options.total / experts.length);
    for (let bias = experts.length; bias < this.#parameters.length; bias += width) this.#parameters[bias] = 0;
    this.#gradient = new Float32Array(this.#parameters.length);
    this.#adam = new Adam(this.#parameters.length, this.#options.learningRate);
    this.#beliefs = experts.map(() => new Float32Array(0));
  }

  fuse(opinions: Opinions): Scores {
    this.#prepare(opinions);
    return this.#mix(opinions);
  }

  learn(opinions: Opinions, targets: Int32Array): void {
    const { users, items } = opinions;
    const n = items.length;
    // What `fuse` read of the same opinions is still here; what it returned was the caller's to write into.
    if (this.#read !== opinions) this.#prepare(opinions);
    this.#read = undefined;
    const z = this.#mix(opinions);
    const isPossible = (b: number) => targets[b] >= 0 && targets[b] < n && z[b * n + targets[b]] > -Infinity;
    let rows = 0;
    for (let b = 0; b < users.size; b++) if (isPossible(b)) rows++;
    if (rows === 0) return;

    this.#gradient.fill(0);
    logSoftmaxRows(z, users.size, n, 1, z);
    for (let b = 0; b < users.size; b++)
      if (isPossible(b)) this.#accumulate(users.positions[b], b * n, n, targets[b], rows);
    this.#adam.step(this.#parameters, this.#gradient);
  }

  /** The weights by age of user and item. */
  explain(): Readonly<Record<string, unknown>> {
    const weights = AGES.map((userAge, u) => {
      const byItemAge = AGES.map((itemAge, i) => {
        const start = (u * AGES.length + i) * (this.#experts.length + 1);
        return [
          itemAge,
          Object.fromEntries([...this.#experts, 'bias'].map((name, e) => [name, this.#parameters[start + e]])),
        ];
      });
      return [userAge, Object.fromEntries(byItemAge)];
    });
    return { experts: this.#experts, weightsByUserAgeThenItemAge: Object.fromEntries(weights) };
  }

  save(): State {
    return {
      version: 1,
      arrays: [
        {
          name: 'parameters',
          shape: [AGES.length, AGES.length, this.#experts.length + 1],
          owner: 'common',
          data: this.#parameters,
        },
        ...this.#adam.save(),
      ],
      values: { experts: [...this.#experts] },
    };
  }

  load(state: State): void {
    const saved = state.values['experts'] as readonly string[];
    if (saved.join() !== this.#experts.join())
      throw new TandemError(
        'TANDEM_STATE_MISMATCH',
        `The saved gate weighs ${saved.join(', ')}; at the table are ${this.#experts.join(', ')}.`,
      );
    restore(state, 'parameters', this.#parameters);
    for (const { name, data } of this.#adam.save()) restore(state, name, data);
  }

  #prepare(opinions: Opinions): void {
    const { users, items, experts } = opinions;
    this.#read = opinions;
    const n = items.length;
    const length = users.size * n;
    if (this.#itemOffsets.length < n) this.#itemOffsets = new Int32Array(n);
    if (this.#fused.length < length) this.#fused = new Float32Array(length);
    for (let i = 0; i < n; i++)
      this.#itemOffsets[i] = ageOf(this.#statistics.itemCounts[items[i]] ?? 0) * (this.#experts.length + 1);
    for (const [e, { scores }] of experts.entries()) {
      if (this.#beliefs[e].length < length) this.#beliefs[e] = new Float32Array(length);
      const beliefs = this.#beliefs[e];
      logSoftmaxRows(scores, users.size, n, 1, beliefs);
      for (let i = 0; i < length; i++) if (!(beliefs[i] > LEAST)) beliefs[i] = LEAST;
    }
  }

  #mix(opinions: Opinions): Scores {
    const { users, items, experts } = opinions;
    const n = items.length;
    const parameters = this.#parameters;
    const count = experts.length;
    for (let b = 0; b < users.size; b++) {
      const row = this.#userOffset(users.positions[b]);
      const at = b * n;
      const fused = this.#fused;
      for (let i = 0; i < n; i++) fused[at + i] = parameters[row + this.#itemOffsets[i] + count];
      for (let e = 0; e < count; e++) {
        const beliefs = this.#beliefs[e];
        for (let i = 0; i < n; i++) fused[at + i] += parameters[row + this.#itemOffsets[i] + e] * beliefs[at + i];
      }
    }
    this.#exclude(opinions);
    return this.#fused.subarray(0, users.size * n);
  }

  #exclude({ users, items, experts }: Opinions): void {
    const [first, ...others] = experts;
    for (let i = 0; i < users.size * items.length; i++)
      if (first.scores[i] === -Infinity && others.every(({ scores }) => scores[i] === -Infinity))
        this.#fused[i] = -Infinity;
  }

  /** Gradient of one row, whose fused log-probabilities start at `at`: (p − onehot) · belief, over the rows. */
  #accumulate(position: number, at: number, n: number, target: number, rows: number): void {
    const row = this.#userOffset(position);
    const gradient = this.#gradient;
    const count = this.#beliefs.length;
    for (let i = 0; i < n; i++) {
      const dz = (Math.exp(this.#fused[at + i]) - (i === target ? 1 : 0)) / rows;
      if (dz === 0) continue;
      const start = row + this.#itemOffsets[i];
      for (let e = 0; e < count; e++) gradient[start + e] += dz * this.#beliefs[e][at + i];
      gradient[start + count] += dz;
    }
  }

  #userOffset(position: number): number {
    return ageOf(position) * AGES.length * (this.#experts.length + 1);
  }
}
