import { sgemm, topK } from '@tandem-rec/compute';
import type { BridgeParticipant, Rows } from '@tandem-rec/contract';

/** The items nearest to each of `rows` by the cosine of a participant's vectors, among `candidates`; nearest first. */
export async function nearItems(
  participant: BridgeParticipant,
  rows: Rows,
  candidates: Rows,
  top: number,
): Promise<readonly Rows[]> {
  const X = normalised(await copied(participant, rows));
  const Y = normalised(await copied(participant, candidates));
  const n = candidates.length;
  const cosines = new Float32Array(rows.length * n);
  sgemm({ transB: true }, rows.length, n, Y.cols, 1, X.data, Y.data, 0, cosines);
  const k = Math.min(top + 1, n);
  const [best, values] = [new Int32Array(k), new Float32Array(k)];
  return Array.from(rows, (row, r) => {
    const count = topK(cosines, r * n, n, k, undefined, best, values);
    return Int32Array.from(best.subarray(0, count), (column) => candidates[column])
      .filter((item) => item !== row)
      .slice(0, top);
  });
}

async function copied(participant: BridgeParticipant, rows: Rows) {
  const { cols, data } = await participant.represent('item', rows);
  return { rows: rows.length, cols, data: data.slice(0, rows.length * cols) };
}

function normalised(matrix: { readonly rows: number; readonly cols: number; readonly data: Float32Array }) {
  const { rows, cols, data } = matrix;
  for (let row = 0; row < rows; row++) {
    const vector = data.subarray(row * cols, (row + 1) * cols);
    const length = Math.hypot(...vector) || 1;
    for (let d = 0; d < cols; d++) vector[d] /= length;
  }
  return matrix;
}
