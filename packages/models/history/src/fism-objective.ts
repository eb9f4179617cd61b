import { arenaSgemm, crossEntropyRows, isWhole, sgemm, type Arena } from '@tandem-rec/compute';
import type { Batch, Candidates, Lesson, PredictionLesson } from '@tandem-rec/contract';
import { FismParameters } from './parameters.ts';
import { arenaRoom, arenaRowRoom, room, rowRoom } from './scratch.ts';
import { softmax } from './softmax.ts';
import { UserTower, type PooledHistories } from './user-tower.ts';
import type { WorkingSet } from './working-set.ts';

/** Everything one step looks at, E, P and histories in the arena; rows of E, b and log popularity are those of the working set. */
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
  readonly #arena: Arena;
  readonly #parameters: FismParameters;
  readonly #tower: UserTower;
  /** ∂L/∂θ */
  readonly gradient: FismParameters;
  /** ∂L/∂E, rows of the working set. */
  dE: Float32Array = new Float32Array(0);
  /** ∂L/∂bias, rows of the working set. */
  dBias = new Float32Array(0);
  /** ∂L/∂h = ∂L/∂P, `B × dim`. */
  dh: Float32Array = new Float32Array(0);

  // z by row of the batch, padded to a multiple of four, then its gradient; what is added to each row of it, and more.
  #z: Float32Array = new Float32Array(0);
  #shifts: Float32Array = new Float32Array(0);
  #slopes: Float32Array = new Float32Array(0);
  #targets: Int32Array = new Int32Array(0);
  #about: Float32Array = new Float32Array(0);
  /** Logits that lessons are about. */
  #logits = new Float32Array(0);
  /** bias + γ · logPopularity by row of the working set. */
  #offset = new Float32Array(0);
  // One row of the batch at a time: probabilities at a lesson's temperature, gradient.
  #softened = new Float32Array(0);
  #row = new Float32Array(0);
  // A lesson's own candidates.
  #listed = new Int32Array(0);
  #rowsOfE = new Float32Array(0);
  #dRowsOfE = new Float32Array(0);
  /** Which rows of the working set the current user has met: those marked with the current stamp. */
  #met = new Int32Array(0);
  #stamp = 0;

  constructor(arena: Arena, parameters: FismParameters) {
    this.#arena = arena;
    this.#parameters = parameters;
    this.#tower = new UserTower(arena, parameters);
    this.gradient = new FismParameters(arena, parameters.shape);
  }

  /** Losses and, unless `dryRun`, all gradients. */
  evaluate(input: StepInput, lessons: readonly Lesson[], dryRun: boolean): Losses {
    const { batch, set, E, histories, logPopularity } = input;
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

    this.#tower.backward(batch.size, this.dh, histories, E, this.gradient, this.dE);
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
    this.dE = arenaRoom(this.#arena, this.dE, set.size * dim).fill(0, 0, set.size * dim);
    this.dBias = room(this.dBias, set.size).fill(0, 0, set.size);
    this.dh = arenaRoom(this.#arena, this.dh, batch.size * dim).fill(0, 0, batch.size * dim);
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
    const arena = this.#arena;
    const B = batch.size;
    const n = set.candidates;
    const stride = 4 * Math.ceil(n / 4);
    const z = (this.#z = arenaRoom(arena, this.#z, B * stride));
    const targets = (this.#targets = arenaRowRoom(arena, this.#targets, B));
    const slopes = (this.#slopes = arenaRoom(arena, this.#slopes, stride)).fill(0, 0, stride);
    const about = (this.#about = arenaRoom(arena, this.#about, 2 * B));
    const shifts = this.#shift(set, stride);
    const [H, V, Z] = [
      { data: h, row: dim },
      { data: E, row: dim },
      { data: z, row: stride },
    ];
    arenaSgemm(arena, { transB: true }, B, n, dim, 1, H, V, 0, Z);
    for (let b = 0; b < B; b++) {
      targets[b] = set.local(batch.items[b]);
      if (input.maskHistory) this.#mask(batch, b, set, z, b * stride, targets[b]);
    }
    const logits = lessons.length > 0 ? this.#keep(z, B, n, stride) : z;
    losses.ranking += crossEntropyRows(arena, { rows: B, stride, z, shifts, targets, slopes, about }) / B;
    for (const lesson of lessons)
      for (let b = 0; b < B; b++) {
        const dz = (this.#row = room(this.#row, n)).fill(0, 0, n);
        losses.distillation += this.#distil(lesson, b, logits, b * n, n, b * n) / B;
        for (let i = 0, to = b * stride; i < n; i++) {
          z[to++] += dz[i];
          slopes[i] += dz[i];
        }
      }
    if (dryRun) return;
    for (let i = 0; i < n; i++) this.dBias[i] = slopes[i] / B;
    arenaSgemm(arena, {}, B, dim, n, 1 / B, Z, V, 0, { data: this.dh, row: dim });
    arenaSgemm(arena, { transA: true }, n, dim, B, 1 / B, Z, H, 0, { data: this.dE, row: dim });
  }

  /** What is added to the candidates' logits, −∞ behind them. log Q belongs to these candidates, not to the items: lessons do not see it. */
  #shift({ whole, candidates, logQ }: WorkingSet, stride: number): Float32Array {
    const shifts = (this.#shifts = arenaRoom(this.#arena, this.#shifts, stride));
    for (let i = 0; i < candidates; i++) shifts[i] = whole ? this.#offset[i] : this.#offset[i] - logQ[i];
    return shifts.fill(-Infinity, candidates, stride);
  }

  /** The logits of all rows, side by side. */
  #keep(z: Float32Array, rows: number, n: number, stride: number): Float32Array {
    const logits = (this.#logits = room(this.#logits, rows * n));
    for (let b = 0, to = 0; b < rows; b++)
      for (let i = 0, from = b * stride; i < n; i++) logits[to++] = z[from++] + this.#offset[i];
    return logits;
  }

  /**
   * Adds the gradient of one row's KL to `#row`, weight · T · (mass · softmax(z / T) − teacher), and returns its loss.
   * Items the user has met compete in neither distribution: `mass` is what the teacher gives to the others, and the loss
   * is `mass` times the KL between what is left of both.
   */
  #distil(
    { target, temperature, weight }: PredictionLesson,
    b: number,
    z: Float32Array,
    at: number,
    n: number,
    from: number,
  ): number {
    if (weight[b] === 0) return 0;
    const q = (this.#softened = room(this.#softened, n));
    const logSum = softmax(z, at, n, temperature, q);
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
      losses.distillation += this.#distil(lesson, b, z, at, n, at) / B;
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
      losses.distillation += this.#distil(lesson, b, z, 0, n, offsets[b]) / batch.size;
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
