import { sgemm } from '@tandem-rec/compute';
import type { RepresentationLesson, Rng } from '@tandem-rec/contract';
import { alignmentLoss } from '../losses/alignment-loss.ts';
import type { WrittenWeights, Parameter } from './written-weights.ts';
import { gatherRows } from './gather-rows.ts';

/** The student's vectors that lessons of one side may be about. */
export interface Own {
  /** `n × dim`. */
  readonly vectors: Float32Array;
  /** Added to, `n × dim`. */
  readonly gradient: Float32Array;
  /** Where a user's or an item's vector is; undefined if the step has none. */
  readonly positionOf: (row: number) => number | undefined;
}

/** Brings own vectors near a teacher's through a learned projection, one for each teacher and side. */
export class Aligner {
  readonly #dim: number;
  readonly #optimiser: WrittenWeights;
  readonly #learningRate: number;
  readonly #rng: Rng;
  readonly #projections = new Map<string, Parameter>();

  constructor(dim: number, optimiser: WrittenWeights, learningRate: number, rng: Rng) {
    this.#dim = dim;
    this.#optimiser = optimiser;
    this.#learningRate = learningRate;
    this.#rng = rng;
  }

  /** The loss of a lesson, over the rows that the step has; adds its gradients. */
  align(lesson: RepresentationLesson, { vectors, gradient: dOwn, positionOf }: Own, dryRun: boolean): number {
    const dim = this.#dim;
    const { from, side, rows, target } = lesson;
    const known = rows.map((_, i) => i).filter((i) => positionOf(rows[i]) !== undefined);
    const positions = known.map((i) => positionOf(rows[i]) as number);
    const count = known.length;
    const projection = this.#projection(`align:${from}:${side}`, target.cols, dryRun);
    const x = gatherRows(vectors, positions, dim);
    const student = new Float32Array(count * target.cols);
    sgemm({}, count, target.cols, dim, 1, x, projection.value, 0, student);
    const { loss, gradient } = alignmentLoss(lesson, {
      student,
      teacher: gatherRows(target.data, known, target.cols),
      rows: count,
      width: target.cols,
    });
    sgemm({ transA: true }, dim, target.cols, count, 1, x, gradient, 1, projection.gradient);
    const dx = new Float32Array(count * dim);
    sgemm({ transB: true }, count, dim, target.cols, 1, gradient, projection.value, 0, dx);
    for (let i = 0; i < count; i++) for (let d = 0; d < dim; d++) dOwn[positions[i] * dim + d] += dx[i * dim + d];
    return loss;
  }

  /** Widths of the teachers' vectors, by projection: part of the saved state. The optimiser saves the weights. */
  get widths(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#projections].map(([name, { shape }]) => [name, shape[1]]));
  }

  /** Makes the projections of a saved state, for the optimiser to load. */
  make(widths: Readonly<Record<string, number>>): void {
    for (const [name, width] of Object.entries(widths)) this.#projection(name, width, false);
  }

  /** Own vectors to the width of a teacher's (`dim × width`), made at the first lesson; a dry run leaves no trace. */
  #projection(name: string, width: number, dryRun: boolean): Parameter {
    const known = this.#projections.get(name);
    if (known) return known;
    const dim = this.#dim;
    const rng = this.#rng.fork(name);
    const initial = (): number => rng.normal() / Math.sqrt(dim);
    const shape = [dim, width];
    if (dryRun)
      return {
        name,
        shape,
        value: Float32Array.from({ length: dim * width }, initial),
        gradient: new Float32Array(dim * width),
      };
    const projection = this.#optimiser.add(name, shape, this.#learningRate, initial);
    this.#projections.set(name, projection);
    return projection;
  }
}
