import { sgemm } from '@tandem-rec/compute';
import type { RepresentationLesson } from '@tandem-rec/contract';

/** An alignment loss with its gradient for the student's vectors (`rows × width`), both times the lesson's weight. */
export interface Alignment {
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** Student vectors and the teacher's constants, both `rows × width`. */
interface Pair {
  readonly student: Float32Array;
  readonly teacher: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** How far the student's vectors are from the teacher's, as the lesson measures it; means over the rows. */
export function alignmentLoss(
  { loss, temperature, weight }: Pick<RepresentationLesson, 'loss' | 'temperature' | 'weight'>,
  pair: Pair,
): Alignment {
  if (pair.rows === 0) return { loss: 0, gradient: new Float32Array(0) };
  const found =
    loss === 'mse'
      ? meanSquare(pair)
      : loss === 'cosine'
        ? onSphere(pair, cosine)
        : onSphere(pair, (unit) => infoNce(unit, temperature));
  return { loss: weight * found.loss, gradient: found.gradient.map((value) => weight * value) };
}

function meanSquare({ student, teacher, rows, width }: Pair): Alignment {
  const size = rows * width;
  const gradient = new Float32Array(size);
  let loss = 0;
  for (let i = 0; i < size; i++) {
    const difference = student[i] - teacher[i];
    loss += difference ** 2 / size;
    gradient[i] = (2 * difference) / size;
  }
  return { loss, gradient };
}

/** A loss of unit vectors, with the gradient brought back to the vectors as they are: its part along a vector falls away. */
function onSphere({ student, teacher, rows, width }: Pair, lossOf: (pair: Pair) => Alignment): Alignment {
  const { units, norms } = normalise(student, rows, width);
  const { loss, gradient } = lossOf({ student: units, teacher: normalise(teacher, rows, width).units, rows, width });
  for (let r = 0; r < rows; r++) {
    let along = 0;
    for (let d = 0, at = r * width; d < width; d++) along += gradient[at + d] * units[at + d];
    for (let d = 0, at = r * width; d < width; d++)
      gradient[at + d] = (gradient[at + d] - along * units[at + d]) / norms[r];
  }
  return { loss, gradient };
}

/** `1 − cos`, mean. */
function cosine({ student, teacher, rows, width }: Pair): Alignment {
  const gradient = new Float32Array(rows * width);
  let loss = 1;
  for (let i = 0; i < gradient.length; i++) {
    loss -= (student[i] * teacher[i]) / rows;
    gradient[i] = -teacher[i] / rows;
  }
  return { loss, gradient };
}

/** Each student vector must find its teacher among all of the lesson's (van den Oord, Li and Vinyals, 2018). */
function infoNce({ student, teacher, rows, width }: Pair, temperature: number): Alignment {
  const shares = new Float32Array(rows * rows);
  sgemm({ transB: true }, rows, rows, width, 1 / temperature, student, teacher, 0, shares);
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    let max = -Infinity;
    for (let c = 0; c < rows; c++) max = Math.max(max, shares[r * rows + c]);
    let sum = 0;
    for (let c = 0; c < rows; c++) sum += Math.exp(shares[r * rows + c] - max);
    loss += (Math.log(sum) + max - shares[r * rows + r]) / rows;
    for (let c = 0; c < rows; c++)
      shares[r * rows + c] = (Math.exp(shares[r * rows + c] - max) / sum - (r === c ? 1 : 0)) / rows;
  }
  const gradient = new Float32Array(rows * width);
  sgemm({}, rows, width, rows, 1 / temperature, shares, teacher, 0, gradient);
  return { loss, gradient };
}

function normalise(
  vectors: Float32Array,
  rows: number,
  width: number,
): { readonly units: Float32Array; readonly norms: Float64Array } {
  const units = new Float32Array(rows * width);
  const norms = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    let square = 0;
    for (let d = 0; d < width; d++) square += vectors[at + d] ** 2;
    norms[r] = Math.max(Math.sqrt(square), 1e-12);
    for (let d = 0; d < width; d++) units[at + d] = vectors[at + d] / norms[r];
  }
  return { units, norms };
}
