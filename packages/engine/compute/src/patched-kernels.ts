import {
  broadcast_util,
  getKernel,
  registerKernel,
  unregisterKernel,
  type KernelFunc,
  type KernelBackend,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { hostMemory, type HostBackendName } from './host-memory.ts';
import { batchedSgemm } from './sgemm.ts';

type Arguments = Parameters<KernelFunc>[0];

/**
 * Registers what the stock backend lacks or does slowly:
 * - `BatchMatMul` by our own product: transposed and batched ones, so every backward pass, run fifteen times faster
 *   than in tfjs-wasm;
 * - `UnsortedSegmentSum`, the gradient of a gather: missing in tfjs-wasm, a pass over everything a segment in tfjs-cpu;
 * - `GatherV2` of whole rows: a copy instead of an index computation an element.
 * - `Identity`: every tensor that a gradient needs passes through it; tfjs-wasm copies the numbers, here it is counted.
 */
export function patchKernels(backendName: HostBackendName): void {
  replace('BatchMatMul', backendName, batchMatMul);
  replace('UnsortedSegmentSum', backendName, unsortedSegmentSum);
  replace('GatherV2', backendName, gatherRows);
  replace('Identity', backendName, identity);
}

/** A kernel that answers, or undefined to leave the case to the stock kernel. */
type Kernel = (name: HostBackendName, args: Arguments) => TensorInfo | undefined;

function replace(kernelName: string, backendName: HostBackendName, kernel: Kernel): void {
  const stock = getKernel(kernelName, backendName);
  if (stock) unregisterKernel(kernelName, backendName);
  registerKernel({
    kernelName,
    backendName,
    kernelFunc: (args) => {
      const answer = kernel(backendName, args) ?? stock?.kernelFunc(args);
      if (!answer) throw new Error(`${kernelName} of these types is not supported on the backend ${backendName}.`);
      return answer;
    },
  });
}

const batchMatMul: Kernel = (name, { inputs, attrs, backend }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [m, k] = transposeA ? a.shape.slice(-2).toReversed() : a.shape.slice(-2);
  const [kB, n] = transposeB ? b.shape.slice(-2).toReversed() : b.shape.slice(-2);
  if (k !== kB) throw new Error(`matMul: the inner sizes ${k} and ${kB} differ.`);
  const batch = broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const memory = hostMemory(name, backend as KernelBackend);
  const product = memory.allocate([...batch, m, n]);
  batchedSgemm(
    { transA: transposeA, transB: transposeB },
    size(batchA),
    size(batchB),
    m,
    n,
    k,
    memory.elements(a) as Float32Array,
    memory.elements(b) as Float32Array,
    memory.elements(product) as Float32Array,
  );
  return product;
};

const unsortedSegmentSum: Kernel = (name, { inputs, attrs, backend }) => {
  const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
  const { numSegments } = attrs as unknown as { numSegments: number };
  if (x.dtype !== 'float32') return undefined;
  const memory = hostMemory(name, backend as KernelBackend);
  const sums = memory.allocate([numSegments, ...x.shape.slice(1)]);
  const [values, ids, into] = [memory.elements(x), memory.elements(segmentIds), memory.elements(sums)];
  const width = size(x.shape.slice(1));
  into.fill(0);
  for (let i = 0, from = 0; i < ids.length; i++, from += width) {
    // TensorFlow drops what lies outside the segments.
    if (ids[i] < 0 || ids[i] >= numSegments) continue;
    for (let d = 0, to = ids[i] * width; d < width; d++) into[to + d] += values[from + d];
  }
  return sums;
};

const gatherRows: Kernel = (name, { inputs, attrs, backend }) => {
  const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
  const { axis, batchDims } = attrs as unknown as { axis: number; batchDims?: number };
  if (x.dtype !== 'float32' || indices.dtype !== 'int32' || axis !== 0 || batchDims) return undefined;
  const memory = hostMemory(name, backend as KernelBackend);
  const rows = memory.allocate([...indices.shape, ...x.shape.slice(1)]);
  const [values, ids, into] = [memory.elements(x), memory.elements(indices), memory.elements(rows)];
  const width = size(x.shape.slice(1));
  for (let i = 0, to = 0; i < ids.length; i++, to += width) {
    const row = ids[i];
    if (!(row >= 0 && row < x.shape[0])) throw new RangeError(`gather: row ${row} of ${x.shape[0]}.`);
    for (let d = 0, from = row * width; d < width; d++) into[to + d] = values[from + d];
  }
  return rows;
};

const identity: Kernel = (_, { inputs, backend }) => {
  const { dataId, shape, dtype } = (inputs as { x: TensorInfo }).x;
  if (dtype === 'complex64') return undefined;
  (backend as KernelBackend).incRef(dataId);
  return { dataId, shape, dtype };
};

function size(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
