import { arenaSgemm, crossEntropyRows, isWhole, sgemm, type Arena } from '@tandem-rec/compute';
import type { Batch, Candidates, Lesson, PredictionLesson } from '@tandem-rec/contract';
import { LessonCandidates } from './lesson-candidates.ts';
import { FismParameters } from './parameters.ts';
import { RowDistillation } from './row-distillation.ts';
import { arenaRoom, arenaRowRoom, room } from './scratch.ts';
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
  /** Gradient of one row of the batch. */
  #row = new Float32Array(0);
  readonly #distillation = new RowDistillation();
  /** A lesson's own. */
  readonly #candidates: LessonCandidates;
  #dListed = new Float32Array(0);

  constructor(arena: Arena, parameters: FismParameters) {
    this.#arena = arena;
    this.#parameters = parameters;
    this.#tower = new UserTower(arena, parameters);
    this.#candidates = new LessonCandidates(parameters.shape.dim);
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
        losses.distillation += this.#distillation.descend(lesson, b, { z: logits, at: b * n, n, from: b * n }, dz) / B;
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
    const { rows, E: listed } = this.#candidates.list(set, E, items);
    const z = (this.#logits = room(this.#logits, B * n));
    const dz = (this.#row = room(this.#row, n));
    sgemm({ transB: true }, B, n, dim, 1, h, listed, 0, z);
    for (let b = 0; b < B; b++) {
      const at = b * n;
      this.#candidates.shift({ batch, b, set, maskHistory }, this.#offset, z.subarray(at, at + n));
      dz.fill(0, 0, n);
      losses.distillation += this.#distillation.descend(lesson, b, { z, at, n, from: at }, dz) / B;
      for (let i = 0; i < n; i++) {
        z[at + i] = dz[i];
        this.dBias[rows[i]] += dz[i] / B;
      }
    }
    if (dryRun) return;
    sgemm({}, B, dim, n, 1 / B, z, listed, 1, this.dh);
    const dE = (this.#dListed = room(this.#dListed, n * dim));
    sgemm({ transA: true }, n, dim, B, 1 / B, z, h, 0, dE);
    for (let i = 0, from = 0; i < n; i++) for (let d = 0, to = rows[i] * dim; d < dim; d++) this.dE[to++] += dE[from++];
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
      const { rows, E: listed } = this.#candidates.list(set, E, items.subarray(offsets[b], offsets[b + 1]));
      const z = (this.#logits = room(this.#logits, n));
      const dz = (this.#row = room(this.#row, n)).fill(0, 0, n);
      const state = h.subarray(b * dim, (b + 1) * dim);
      sgemm({ transB: true }, 1, n, dim, 1, state, listed, 0, z);
      this.#candidates.shift({ batch, b, set, maskHistory }, this.#offset, z.subarray(0, n));
      losses.distillation += this.#distillation.descend(lesson, b, { z, at: 0, n, from: offsets[b] }, dz) / batch.size;
      if (dryRun) continue;
      for (let i = 0, from = 0; i < n; i++) {
        const row = rows[i];
        const gradient = dz[i] / batch.size;
        this.dBias[row] += gradient;
        for (let d = 0; d < dim; d++, from++) {
          this.dE[row * dim + d] += gradient * state[d];
          this.dh[b * dim + d] += gradient * listed[from];
        }
      }
    }
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
