import {
  TandemError,
  defineDomainModel,
  z,
  type Attachment,
  type Batch,
  type Candidates,
  type Catalogue,
  type DomainModel,
  type Environment,
  type GrantedTable,
  type LearnOptions,
  type Lesson,
  type Matrix,
  type Rows,
  type Scores,
  type Side,
  type State,
  type Step,
  type UserContexts,
} from '@tandem-rec/contract';

/** Ways to break the contract, each in one place of `HonestModel`. */
export const FAULTS = [
  'none',
  'nan',
  'ragged',
  'draws',
  'dry run learns',
  'forgets',
  'accepts anything',
  'foreign rows',
  'deaf',
  'growth',
  'lone users',
  'own pace',
  'short texts',
] as const;
export type Fault = (typeof FAULTS)[number];

const DIM = 4;

/** A small matrix factorisation with a softmax over shared candidates: correct, unless it is told to have a fault. */
export const honest = defineDomainModel({
  id: '@tandem-rec/testkit#honest',
  summary: 'A model to test the suites with.',
  options: z.strictObject({ fault: z.enum(FAULTS).default('none') }),
  gives: ['parameters', 'representations', 'predictions'],
  takes: ['predictions'],
  tables: (['item', 'user'] as const).map((side) => ({
    name: side,
    side,
    dim: DIM,
    initialStd: 0.1,
    optimiser: { kind: 'sgd', learningRate: 0.3 } as const,
  })),
  create: ({ fault }, env) => new HonestModel(fault, env),
});

class HonestModel implements DomainModel {
  readonly #fault: Fault;
  readonly #env: Environment;
  #catalogue!: Catalogue;
  #items!: GrantedTable;
  #users!: GrantedTable;
  /** One weight on the count of steps: a state of its own. */
  readonly #steps = new Float32Array(1);
  #itemsAtFirst = 0;

  constructor(fault: Fault, env: Environment) {
    this.#fault = fault;
    this.#env = env;
  }

  attach({ own, catalogue }: Attachment): void {
    this.#catalogue = catalogue;
    this.#items = own['item'];
    this.#users = own['user'];
  }

  async learn(
    batch: Batch,
    lessons: readonly Lesson[],
    { dryRun = false, rate = 1 }: LearnOptions = {},
  ): Promise<Step> {
    const n = this.#items.rows;
    const items = Int32Array.from({ length: n }, (_, row) => row);
    const E = this.#gather(this.#items, items);
    const P = this.#gather(this.#users, batch.users);
    const dE = new Float32Array(E.length);
    const dP = new Float32Array(P.length);
    let loss = 0;
    for (let b = 0; b < batch.size; b++)
      loss += this.#softmax(b, P, E, items, (i) => (i === batch.items[b] ? 1 : 0), 1 / batch.size, dP, dE);
    let distillation: number | undefined;
    for (const lesson of lessons) {
      if (lesson.kind !== 'predictions' || this.#fault === 'deaf') continue;
      distillation ??= 0;
      for (let b = 0; b < batch.size; b++) {
        const { candidates: c, target, weight } = lesson;
        const [start, end] =
          c.kind === 'shared' ? [b * c.items.length, (b + 1) * c.items.length] : [c.offsets[b], c.offsets[b + 1]];
        const rows = c.kind === 'shared' ? c.items : c.items.subarray(start, end);
        distillation += this.#softmax(b, P, E, rows, (_, i) => target[start + i], weight[b] / batch.size, dP, dE);
      }
    }
    const losses = { ranking: loss, ...(distillation === undefined ? {} : { distillation }) };
    if (dryRun && this.#fault !== 'dry run learns') return { losses, rowGradients: [] };
    this.#steps[0] += this.#fault === 'own pace' ? 1 : rate;
    this.#itemsAtFirst ||= n;
    const rowGradients = [
      { table: this.#items.name, rows: items, values: dE },
      { table: this.#fault === 'foreign rows' ? 'teacher/user' : this.#users.name, rows: batch.users, values: dP },
    ];
    return { losses, rowGradients: dryRun ? [] : rowGradients };
  }

  async predict({ size, users }: UserContexts, candidates: Candidates): Promise<Scores> {
    if (this.#fault === 'draws') this.#env.rng.next();
    if (this.#fault === 'short texts')
      for (const row of candidates.items)
        if ((this.#catalogue.item(row).text['title'] ?? '').length > 512) throw new RangeError('512 positions');
    const P = this.#gather(this.#users, users);
    const E = this.#gather(this.#items, candidates.items);
    const n = candidates.items.length;
    const scores = new Float32Array(candidates.kind === 'shared' ? size * n : n);
    for (let b = 0; b < size; b++) {
      const [start, end] = candidates.kind === 'shared' ? [0, n] : [candidates.offsets[b], candidates.offsets[b + 1]];
      for (let i = start; i < end; i++) {
        const user = this.#fault === 'ragged' && candidates.kind === 'ragged' ? 0 : b;
        scores[candidates.kind === 'shared' ? b * n + i : i] = dot(P, user, E, i) + Math.tanh(this.#steps[0] / 100);
      }
    }
    if (this.#fault === 'nan' && users.includes(-1)) scores[0] = Number.NaN;
    if (this.#fault === 'growth' && this.#items.rows > this.#itemsAtFirst && this.#itemsAtFirst > 0)
      scores[scores.length - 1] = Number.NaN;
    if (this.#fault === 'lone users' && size === 1) scores.fill(0);
    return scores;
  }

  async represent(side: Side, rows: Rows): Promise<Matrix> {
    return { rows: rows.length, cols: DIM, data: this.#gather(side === 'item' ? this.#items : this.#users, rows) };
  }

  save(): State {
    return { version: 1, values: {}, arrays: [{ name: 'steps', shape: [1], owner: 'common', data: this.#steps }] };
  }

  load({ arrays }: State): void {
    const data = arrays.find(({ name }) => name === 'steps')?.data;
    if (data instanceof Float32Array) this.#steps.set(this.#fault === 'forgets' ? [0] : data);
    else if (this.#fault !== 'accepts anything')
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The state lacks steps.');
  }

  #gather(table: GrantedTable, rows: Rows): Float32Array {
    const values = new Float32Array(rows.length * DIM);
    table.gather(rows, values);
    return values;
  }

  /** Cross-entropy of row b's softmax over `rows` with a target; adds the gradients. Returns the weighted loss. */
  #softmax(
    b: number,
    P: Float32Array,
    E: Float32Array,
    rows: Rows,
    target: (row: number, i: number) => number,
    weight: number,
    dP: Float32Array,
    dE: Float32Array,
  ): number {
    const z = Float64Array.from(rows, (row) => dot(P, b, E, row));
    const logSum = Math.log(z.reduce((sum, score) => sum + Math.exp(score), 0));
    let loss = 0;
    rows.forEach((row, i) => {
      const t = target(row, i);
      const d = weight * (Math.exp(z[i] - logSum) - t);
      loss += weight * t * (logSum - z[i]);
      for (let k = 0; k < DIM; k++) {
        dP[b * DIM + k] += d * E[row * DIM + k];
        dE[row * DIM + k] += d * P[b * DIM + k];
      }
    });
    return loss;
  }
}

function dot(P: Float32Array, b: number, E: Float32Array, i: number): number {
  let sum = 0;
  for (let k = 0; k < DIM; k++) sum += P[b * DIM + k] * E[i * DIM + k];
  return sum;
}
