import { sgemm } from '@tandem-rec/compute';
import type { Batch, Candidates, Lesson, PredictionLesson } from '@tandem-rec/contract';
import { isWhole } from './is-whole.ts';
import { FismParameters } from './parameters.ts';
import { room, rowRoom } from './scratch.ts';
import { softmax } from './softmax.ts';
import { UserTower, type PooledHistories } from './user-tower.ts';
import type { WorkingSet } from './working-set.ts';

/** Everything one step looks at; rows of E, b and log popularity are those of the working set. */
export interface StepInput {
  readonly batch: Batch;
  readonly set: WorkingSet;
  /** `set.size × dim` */
  readonly E: Float32Array;
  /** Item biases, one a row of E. */
  readonly bias: Float32Array;
  readonly logPopularity: Float32Array;
  /** The users' rows, `batch.size × dim`. */
  readonly P: Float32Array;
  /** The batch's histories as rows of E. */
  readonly histories: PooledHistories;
  /** Items of the user's history do not compete. */
  readonly maskHistory: boolean;
}

/** Mean losses of a step. */
export interface Losses {
  readonly ranking: number;
  readonly distillation: number;
}

/**
 * The loss of a step and its gradients, by hand:
 *
 *     z_b,i = h_b · E_i + bias_i + γ · logPopularity_i
 *     L     = 1/B Σ_b [ −log softmax(z_b)_target + Σ_lessons weight_b T² KL(teacher_b ‖ softmax(z_b / T)) ]
 *
 * Buffers are kept; results are valid until the next `evaluate`.
 */
export class FismObjective {
  readonly #parameters: FismParameters;
  readonly #tower: UserTower;
  /** ∂L/∂θ */
  readonly gradient: FismParameters;
  /** ∂L/∂E, rows of the working set. */
  dE = new Float32Array(0);
  /** ∂L/∂bias, rows of the working set. */
  dBias = new Float32Array(0);
  /** ∂L/∂h = ∂L/∂P, `B × dim`. */
  dh = new Float32Array(0);

  #logits = new Float32Array(0);
  /** bias + γ · logPopularity by row of the working set. */
  #offset = new Float32Array(0);
  // One row of the batch at a time: probabilities, the same at a lesson's temperature, gradient.
  #p = new Float32Array(0);
  #softened = new Float32Array(0);
  #row = new Float32Array(0);
  // A lesson's own candidates.
  #listed = new Int32Array(0);
  #rowsOfE = new Float32Array(0);
  #dRowsOfE = new Float32Array(0);
  /** Which rows of the working set the current user has met: those marked with the current stamp. */
  #met = new Int32Array(0);
  #stamp = 0;

  constructor(parameters: FismParameters) {
    this.#parameters = parameters;
    this.#tower = new UserTower(parameters);
    this.gradient = new FismParameters(parameters.shape);
  }

  /** Losses and, unless `dryRun`, all gradients. */
  evaluate(input: StepInput, lessons: readonly Lesson[], dryRun: boolean): Losses {
    const { batch, set, E, histories, logPopularity } = input;
    const { dim } = this.#parameters.shape;
    const h = this.#tower.forward(batch.size, input.P, histories, E);
    this.#prepare(input);

    const predictions = lessons.filter((lesson) => lesson.kind === 'predictions');
    const alongside = predictions.filter(({ candidates }) => set.whole && isWhole(candidates, set.size));
    const losses = { ranking: 0, distillation: 0 };
    this.#rank(input, h, alongside, losses, dryRun);
    for (const lesson of predictions)
      if (alongside.includes(lesson)) continue;
      else if (lesson.candidates.kind === 'shared')
        this.#distilShared(input, h, lesson, lesson.candidates.items, losses, dryRun);
      else this.#distilRagged(input, h, lesson, lesson.candidates, losses, dryRun);
    if (dryRun) return losses;

    this.#tower.backward(this.dh.subarray(0, batch.size * dim), histories, E, this.gradient, this.dE);
    let dGamma = 0;
    for (let i = 0; i < set.size; i++) dGamma += this.dBias[i] * logPopularity[i];
    this.gradient.gamma[0] += dGamma;
    return losses;
  }

  #prepare({ batch, set, bias, logPopularity }: StepInput): void {
    const { dim } = this.#parameters.shape;
    const gamma = this.#parameters.gamma[0];
    this.#offset = room(this.#offset, set.size);
    for (let i = 0; i < set.size; i++) this.#offset[i] = bias[i] + gamma * logPopularity[i];
    this.gradient.vector.fill(0);
    this.dE = room(this.dE, set.size * dim).fill(0, 0, set.size * dim);
    this.dBias = room(this.dBias, set.size).fill(0, 0, set.size);
    this.dh = room(this.dh, batch.size * dim).fill(0, 0, batch.size * dim);
    if (this.#met.length < set.size) {
      this.#met = rowRoom(this.#met, set.size);
      this.#stamp = 0;
    }
  }

  /** Softmax cross-entropy over the candidates of the working set, and the lessons about the same candidates. */
  #rank(
    input: StepInput,
    h: Float32Array,
    lessons: readonly PredictionLesson[],
    losses: Mutable<Losses>,
    dryRun: boolean,
  ): void {
    const { batch, set, E } = input;
    const { dim } = this.#parameters.shape;
    const B = batch.size;
    const n = set.candidates;
    const z = (this.#logits = room(this.#logits, B * n));
    const p = (this.#p = room(this.#p, n));
    const dz = (this.#row = room(this.#row, n));
    const { dBias } = this;
    // log Q belongs to these candidates, not to the items: lessons do not see it.
    const offset = set.whole ? this.#offset : this.#corrected(set);
    for (let b = 0; b < B; b++) z.set(offset.subarray(0, n), b * n);
    sgemm({ transB: true }, B, n, dim, 1, h, E, 1, z);

    for (let b = 0; b < B; b++) {
      const at = b * n;
      const target = set.local(batch.items[b]);
      if (input.maskHistory) this.#mask(batch, b, set, z, at, target);
      const logSum = softmax(z, at, n, 1, p);
      losses.ranking += (logSum - z[at + target]) / B;
      dz.set(p.subarray(0, n));
      dz[target] -= 1;
      for (const lesson of lessons)
        losses.distillation += this.#distil(lesson, b, z, at, n, at, lesson.temperature === 1 ? logSum : undefined) / B;

      // From here on the row holds its gradient, B times over.
      z.set(dz.subarray(0, n), at);
      for (let i = 0; i < n; i++) dBias[i] += dz[i];
    }
    if (dryRun) return;
    for (let i = 0; i < n; i++) dBias[i] /= B;
    sgemm({}, B, dim, n, 1 / B, z, E, 1, this.dh);
    sgemm({ transA: true }, n, dim, B, 1 / B, z, h, 1, this.dE);
  }

  /**
   * Adds the gradient of one row's KL to `#row`, weight · T · (mass · softmax(z / T) − teacher), and returns its loss.
   * Items the user has met compete in neither distribution: `mass` is what the teacher gives to the others, and the loss
   * is `mass` times the KL between what is left of both.
   * @param known log Σ exp(z), where `#p` holds the softmax already
   */
  #distil(
    { target, temperature, weight }: PredictionLesson,
    b: number,
    z: Float32Array,
    at: number,
    n: number,
    from: number,
    known: number | undefined,
  ): number {
    if (weight[b] === 0) return 0;
    let logSum = known;
    if (logSum === undefined) {
      this.#softened = room(this.#softened, n);
      logSum = softmax(z, at, n, temperature, this.#softened);
    }
    const q = known === undefined ? this.#softened : this.#p;
    const dz = this.#row;
    const scale = weight[b] * temperature;
    const inverse = 1 / temperature;
    let mass = 0;
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const t = target[from + i];
      const logit = z[at + i];
      if (t === 0 || logit === -Infinity) continue;
      mass += t;
      loss += t * (Math.log(t) - logit * inverse + logSum);
      dz[i] -= scale * t;
    }
    const pull = scale * mass;
    for (let i = 0; i < n; i++) dz[i] += pull * q[i];
    return mass === 0 ? 0 : scale * temperature * (loss - mass * Math.log(mass));
  }

  /** A lesson about a list of its own, the same for every row of the batch. */
  #distilShared(
    { batch, set, E, maskHistory }: StepInput,
    h: Float32Array,
    lesson: PredictionLesson,
    items: Int32Array,
    losses: Mutable<Losses>,
    dryRun: boolean,
  ): void {
    const { dim } = this.#parameters.shape;
    const B = batch.size;
    const n = items.length;
    this.#list(set, E, items, 0, n);
    const z = (this.#logits = room(this.#logits, B * n));
    const dz = (this.#row = room(this.#row, n));
    sgemm({ transB: true }, B, n, dim, 1, h, this.#rowsOfE, 0, z);
    for (let b = 0; b < B; b++) {
      const at = b * n;
      this.#offsetAndMask(batch, b, set, maskHistory, z, at, n);
      dz.fill(0, 0, n);
      losses.distillation += this.#distil(lesson, b, z, at, n, at, undefined) / B;
      for (let i = 0; i < n; i++) {
        z[at + i] = dz[i];
        this.dBias[this.#listed[i]] += dz[i] / B;
      }
    }
    if (dryRun) return;
    sgemm({}, B, dim, n, 1 / B, z, this.#rowsOfE, 1, this.dh);
    const dE = (this.#dRowsOfE = room(this.#dRowsOfE, n * dim));
    sgemm({ transA: true }, n, dim, B, 1 / B, z, h, 0, dE);
    for (let i = 0, from = 0; i < n; i++)
      for (let d = 0, to = this.#listed[i] * dim; d < dim; d++) this.dE[to++] += dE[from++];
  }

  /** A lesson with a list of its own for each row of the batch. */
  #distilRagged(
    { batch, set, E, maskHistory }: StepInput,
    h: Float32Array,
    lesson: PredictionLesson,
    { offsets, items }: Extract<Candidates, { kind: 'ragged' }>,
    losses: Mutable<Losses>,
    dryRun: boolean,
  ): void {
    const { dim } = this.#parameters.shape;
    for (let b = 0; b < batch.size; b++) {
      const n = offsets[b + 1] - offsets[b];
      if (n === 0 || lesson.weight[b] === 0) continue;
      this.#list(set, E, items, offsets[b], n);
      const z = (this.#logits = room(this.#logits, n));
      const dz = (this.#row = room(this.#row, n)).fill(0, 0, n);
      const state = h.subarray(b * dim, (b + 1) * dim);
      sgemm({ transB: true }, 1, n, dim, 1, state, this.#rowsOfE, 0, z);
      this.#offsetAndMask(batch, b, set, maskHistory, z, 0, n);
      losses.distillation += this.#distil(lesson, b, z, 0, n, offsets[b], undefined) / batch.size;
      if (dryRun) continue;
      for (let i = 0, from = 0; i < n; i++) {
        const row = this.#listed[i];
        const gradient = dz[i] / batch.size;
        this.dBias[row] += gradient;
        for (let d = 0; d < dim; d++, from++) {
          this.dE[row * dim + d] += gradient * state[d];
          this.dh[b * dim + d] += gradient * this.#rowsOfE[from];
        }
      }
    }
  }

  #corrected({ logQ }: WorkingSet): Float32Array {
    this.#softened = room(this.#softened, logQ.length);
    for (let i = 0; i < logQ.length; i++) this.#softened[i] = this.#offset[i] - logQ[i];
    return this.#softened;
  }

  /** Copies rows of a lesson's candidates out of E, in the lesson's order. */
  #list(set: WorkingSet, E: Float32Array, items: Int32Array, start: number, n: number): void {
    const { dim } = this.#parameters.shape;
    this.#listed = rowRoom(this.#listed, n);
    this.#rowsOfE = room(this.#rowsOfE, n * dim);
    for (let i = 0, to = 0; i < n; i++) {
      const row = (this.#listed[i] = set.local(items[start + i]));
      for (let d = 0, from = row * dim; d < dim; d++) this.#rowsOfE[to++] = E[from++];
    }
  }

  /** z += offset for the listed rows; those the user has met, except the row's own target, become −∞. */
  #offsetAndMask(
    batch: Batch,
    b: number,
    set: WorkingSet,
    maskHistory: boolean,
    z: Float32Array,
    at: number,
    n: number,
  ): void {
    this.#stamp++;
    const { offsets, items } = batch.history;
    if (maskHistory)
      for (let k = offsets[b]; k < offsets[b + 1]; k++) {
        const row = set.local(items[k]);
        if (row >= 0) this.#met[row] = this.#stamp;
      }
    this.#met[set.local(batch.items[b])] = 0;
    for (let i = 0; i < n; i++)
      z[at + i] = this.#met[this.#listed[i]] === this.#stamp ? -Infinity : z[at + i] + this.#offset[this.#listed[i]];
  }

  #mask(batch: Batch, b: number, set: WorkingSet, z: Float32Array, at: number, target: number): void {
    const { offsets, items } = batch.history;
    for (let k = offsets[b]; k < offsets[b + 1]; k++) {
      const row = set.local(items[k]);
      if (row >= 0 && row < set.candidates && row !== target) z[at + row] = -Infinity;
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
