import {
  defineDomainModel,
  EMPTY_STATE,
  z,
  type Attachment,
  type Batch,
  type Candidates,
  type DomainModel,
  type FitRun,
  type GrantedTable,
  type Interactions,
  type Rows,
  type Scores,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';
import { sgemm } from '@tandem-rec/compute';
import { solve } from './solve.ts';

const options = z.strictObject({
  dim: z.int().min(1).default(32).describe('Width of the rows of users and items.'),
  unobserved: z.number().min(0).default(0.1).describe('α₀: weight of every pair, met or not, toward zero.'),
  regularisation: z.number().positive().default(0.01).describe('λ.'),
});

/**
 * Implicit alternating least squares (Hu, Koren and Volinsky 2008, in the form of Rendle et al. 2021, arXiv 2110.14037):
 * `Σ_S (⟨w_u, h_i⟩ − 1)² + α₀ Σ_u Σ_i ⟨w_u, h_i⟩² + λ (‖W‖² + ‖H‖²)`. Given the rows of one side, each row of the other
 * is the solution of a small linear system.
 *
 * `fit` alternates over a whole set. On a stream a user's row is solved again after each event; item rows stay as fitted.
 */
export const ials = defineDomainModel({
  id: 'sketches#ials',
  summary: 'Least squares in closed form; on a stream, users’ rows alone.',
  options,
  gives: ['parameters', 'predictions'],
  takes: [],
  tables: ({ dim }) =>
    (['user', 'item'] as const).map((side) => ({
      name: side,
      side,
      dim,
      initialStd: side === 'item' ? 0.1 : 0,
      // Never used: the rows are assigned.
      optimiser: { kind: 'sgd', learningRate: 1 },
    })),
  create: (settings) => new IalsModel(settings),
});

class IalsModel implements DomainModel {
  readonly #options: z.output<typeof options>;
  #own!: Attachment['own'];

  constructor(settings: z.output<typeof options>) {
    this.#options = settings;
  }

  attach({ own }: Attachment): void {
    this.#own = own;
  }

  async fit(data: Interactions, { epochs, epoch, signal }: FitRun): Promise<void> {
    const { users, items } = data.batch(Int32Array.from({ length: data.size }, (_, event) => event));
    const [itemsOf, usersOf] = [groups(users, items, data.users), groups(items, users, data.items)];
    for (let pass = 0, stop = false; pass < epochs && !stop && !signal.aborted; pass++) {
      this.#solve('user', itemsOf);
      this.#solve('item', usersOf);
      ({ stop } = await epoch({ epoch: pass, loss: this.#loss(users, items) }));
    }
  }

  async learn(batch: Batch, _lessons: readonly never[], how?: { readonly dryRun?: boolean }): Promise<Step> {
    const losses = { squared: this.#loss(batch.users, batch.items) };
    const { offsets, items: past } = batch.history;
    // A user's newest event comes last and has all that was before it as its history; replays know less.
    const met = new Map<number, readonly number[]>();
    for (let b = 0; b < batch.fresh; b++)
      met.set(batch.users[b], [batch.items[b], ...past.subarray(offsets[b], offsets[b + 1])]);
    if (!how?.dryRun) this.#solve('user', met);
    return { losses, rowGradients: [] };
  }

  async predict({ size, users }: UserContexts, candidates: Candidates): Promise<Scores> {
    const { dim } = this.#options;
    const [W, H] = [gathered(this.#own['user'], users), gathered(this.#own['item'], candidates.items)];
    const width = candidates.items.length;
    const scores = new Float32Array(candidates.kind === 'shared' ? size * width : width);
    for (let b = 0, at = 0; b < size; b++) {
      const [from, to] = candidates.kind === 'shared' ? [0, width] : candidates.offsets.subarray(b, b + 2);
      for (let i = from; i < to; i++) scores[at++] = dot(W, b * dim, H, i * dim, dim);
    }
    return scores;
  }

  /** Rows of one side, given who each of them met: `(Σ h hᵀ + α₀ HᵀH + λI) w = Σ h`. */
  #solve(side: 'user' | 'item', met: ReadonlyMap<number, readonly number[]>): void {
    const { dim, unobserved, regularisation } = this.#options;
    const other = this.#own[side === 'user' ? 'item' : 'user'];
    const H = new Float32Array(other.rows * dim);
    other.copy(other.rows, H);
    const gram = new Float32Array(dim * dim);
    sgemm({ transA: true }, dim, dim, other.rows, unobserved, H, H, 0, gram);
    for (let d = 0; d < dim; d++) gram[d * dim + d] += regularisation;
    const rows = new Float32Array(met.size * dim);
    let at = 0;
    for (const ids of met.values()) {
      const [A, w] = [Float64Array.from(gram), new Float64Array(dim)];
      for (const id of ids)
        for (let i = 0; i < dim; i++) {
          w[i] += H[id * dim + i];
          for (let j = 0; j < dim; j++) A[i * dim + j] += H[id * dim + i] * H[id * dim + j];
        }
      rows.set(solve(A, w), at++ * dim);
    }
    this.#own[side].assign(Int32Array.from(met.keys()), rows);
  }

  /** Mean of (⟨w_u, h_i⟩ − 1)² over pairs that met. */
  #loss(users: Rows, items: Rows): number {
    const { dim } = this.#options;
    const [W, H] = [gathered(this.#own['user'], users), gathered(this.#own['item'], items)];
    let sum = 0;
    for (let b = 0; b < users.length; b++) sum += (dot(W, b * dim, H, b * dim, dim) - 1) ** 2;
    return sum / Math.max(1, users.length);
  }

  /** The rows are the tables', and there is nothing else. */
  save = () => EMPTY_STATE;
  load = () => {};
}

function gathered(table: GrantedTable, rows: Rows): Float32Array {
  const into = new Float32Array(rows.length * table.dim);
  table.gather(rows, into);
  return into;
}

function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[fromA + d] * b[fromB + d];
  return sum;
}

/** The values by key, for the keys 0 … count − 1. */
function groups(keys: Rows, values: Rows, count: number): Map<number, number[]> {
  const by = new Map(Array.from({ length: count }, (_, key): [number, number[]] => [key, []]));
  keys.forEach((key, event) => by.get(key)!.push(values[event]));
  return by;
}
