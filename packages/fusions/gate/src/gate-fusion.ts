import { Adam, restore, softmaxRows } from '@tandem-rec/compute';
import {
  TandemError,
  type Fusion,
  type Opinions,
  type Role,
  type Scores,
  type State,
  type Statistics,
} from '@tandem-rec/contract';
import { ageOf, AGES } from './ages.ts';
import type { GateOptions } from './gate.ts';

/** What an expert holds impossible counts as this log-probability: one expert has no veto. */
const LEAST = -30;

/**
 * The fusion behind `gate`. With age groups a(u) and a(i) and the experts' log-softmax over the candidates,
 *
 *     z_u,i = Σ_e W[a(u), a(i), e] · max(log p_e(i | u), −30) + B[a(u), a(i)]
 *
 * learned by the generalised cross-entropy `(1 − p^q) / q` of the softmax p of z at the true item, whose gradient is p^q
 * times that of cross-entropy. Items that every expert excludes are excluded.
 */
export class GateFusion implements Fusion {
  readonly #options: GateOptions;
  #experts: readonly string[] = [];
  #statistics!: Statistics;
  /** W and B together: for each pair of ages one weight an expert, then the bias. */
  #parameters = new Float32Array(0);
  #gradient = new Float32Array(0);
  #adam!: Adam;

  // Of the opinions that were read last: one `users × items` block of log-probabilities an expert, and what they make together.
  #read: Opinions | undefined;
  #beliefs: Float32Array[] = [];
  #fused = new Float32Array(0);
  #answer = new Float32Array(0);
  #logSums = new Float64Array(0);
  /** Candidates by age: those of age a are `order[starts[a] … starts[a + 1])`. Their weights are the same for a user. */
  #order = new Int32Array(0);
  readonly #starts = new Int32Array(AGES.length + 1);

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
    this.#mix(opinions);
    const length = opinions.users.size * opinions.items.length;
    if (this.#answer.length < length) this.#answer = new Float32Array(length);
    this.#answer.set(this.#fused.subarray(0, length));
    return this.#answer.subarray(0, length);
  }

  learn(opinions: Opinions, targets: Int32Array): void {
    const { users, items } = opinions;
    const n = items.length;
    // What `fuse` made of the same opinions is still here.
    if (this.#read !== opinions) this.#mix(opinions);
    this.#read = undefined;
    const z = this.#fused;
    const possible = targets.map((target, b) => (target >= 0 && target < n && z[b * n + target] > -Infinity ? 1 : 0));
    const rows = possible.reduce((sum, one) => sum + one, 0);
    if (rows === 0) return;

    softmaxRows(z, users.size, n, 1, z, this.#logSums);
    this.#gradient.fill(0);
    for (let b = 0; b < users.size; b++) {
      if (possible[b] === 0) continue;
      const target = b * n + targets[b];
      const share = z[target] ** this.#options.q / rows;
      z[target] -= 1;
      this.#accumulate(users.positions[b], b * n, share);
    }
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

  /** Reads opinions and fuses them, into `#fused`. */
  #mix(opinions: Opinions): void {
    const { users, items, experts } = opinions;
    const n = items.length;
    const length = users.size * n;
    this.#read = opinions;
    if (this.#fused.length < length) this.#fused = new Float32Array(length);
    if (this.#logSums.length < users.size) this.#logSums = new Float64Array(users.size);
    this.#sortByAge(items);
    for (const [e, { scores }] of experts.entries()) this.#believe(e, scores, users.size, n);
    for (let b = 0; b < users.size; b++) this.#mixRow(users.positions[b], b * n);
    this.#exclude(opinions);
  }

  #sortByAge(items: Int32Array): void {
    const n = items.length;
    if (this.#order.length < n) this.#order = new Int32Array(n);
    const starts = this.#starts.fill(0);
    const { itemCounts } = this.#statistics;
    for (let i = 0; i < n; i++) starts[ageOf(itemCounts[items[i]] ?? 0) + 1]++;
    for (let age = 0; age < AGES.length; age++) starts[age + 1] += starts[age];
    const next = starts.slice();
    for (let i = 0; i < n; i++) this.#order[next[ageOf(itemCounts[items[i]] ?? 0)]++] = i;
  }

  /** What an expert believes: the log-softmax of its scores, nothing below `LEAST`. */
  #believe(e: number, scores: Scores, rows: number, n: number): void {
    if (this.#beliefs[e].length < rows * n) this.#beliefs[e] = new Float32Array(rows * n);
    const beliefs = this.#beliefs[e];
    softmaxRows(scores, rows, n, 1, undefined, this.#logSums);
    for (let b = 0; b < rows; b++) {
      const logSum = this.#logSums[b];
      for (let i = b * n; i < (b + 1) * n; i++) {
        const belief = scores[i] - logSum;
        beliefs[i] = belief > LEAST ? belief : LEAST;
      }
    }
  }

  /** Fuses the row that starts at `at`. */
  #mixRow(position: number, at: number): void {
    const fused = this.#fused;
    const order = this.#order;
    const count = this.#beliefs.length;
    for (let age = 0; age < AGES.length; age++) {
      const weights = this.#weightsOf(position, age);
      const [start, end] = [this.#starts[age], this.#starts[age + 1]];
      const bias = this.#parameters[weights + count];
      for (let k = start; k < end; k++) fused[at + order[k]] = bias;
      // Two experts at a time: half of the traffic with what is fused.
      for (let e = 0; e < count; e += 2) {
        const [w0, first] = [this.#parameters[weights + e], this.#beliefs[e]];
        const [w1, second] = e + 1 < count ? [this.#parameters[weights + e + 1], this.#beliefs[e + 1]] : [0, first];
        for (let k = start; k < end; k++) {
          const i = at + order[k];
          fused[i] += w0 * first[i] + w1 * second[i];
        }
      }
    }
  }

  #exclude({ users, items, experts }: Opinions): void {
    const length = users.size * items.length;
    const { scores: first } = experts[0];
    for (let i = 0; i < length; i++) {
      if (first[i] !== -Infinity) continue;
      let e = 1;
      while (e < experts.length && experts[e].scores[i] === -Infinity) e++;
      if (e === experts.length) this.#fused[i] = -Infinity;
    }
  }

  /** Adds the gradient of the row that starts at `at`, where `#fused` holds p − onehot: `share` of (p − onehot) · belief. */
  #accumulate(position: number, at: number, share: number): void {
    const slope = this.#fused;
    const order = this.#order;
    const count = this.#beliefs.length;
    for (let age = 0; age < AGES.length; age++) {
      const weights = this.#weightsOf(position, age);
      const [start, end] = [this.#starts[age], this.#starts[age + 1]];
      for (let e = 0; e < count; e++) {
        const beliefs = this.#beliefs[e];
        let sum = 0;
        for (let k = start; k < end; k++) {
          const i = at + order[k];
          sum += slope[i] * beliefs[i];
        }
        this.#gradient[weights + e] += share * sum;
      }
      let sum = 0;
      for (let k = start; k < end; k++) sum += slope[at + order[k]];
      this.#gradient[weights + count] += share * sum;
    }
  }

  /** Where the weights for a user at this position and items of an age begin among the parameters. */
  #weightsOf(position: number, itemAge: number): number {
    return (ageOf(position) * AGES.length + itemAge) * (this.#experts.length + 1);
  }
}
