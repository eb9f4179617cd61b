import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelBackend, TensorInfo, TypedArray } from '@tensorflow/tfjs-core';

/** The backends of TensorFlow.js whose tensors plain code can read and write in place. */
export type HostBackendName = 'wasm' | 'cpu';

/** Tensors of such a backend as typed arrays. */
export interface HostMemory {
  /** A new float tensor, its contents undefined. */
  allocate(shape: number[]): TensorInfo;
  /** The tensor's own elements. Valid until the next `allocate`, which may move the heap. */
  elements(tensor: TensorInfo): TypedArray;
}

/** The memory of a backend, as handed to its kernels. */
export function hostMemory(name: HostBackendName, backend: KernelBackend): HostMemory {
  if (name === 'wasm') {
    const wasm = backend as BackendWasm;
    return {
      allocate: (shape) => wasm.makeOutput(shape, 'float32'),
      elements: (tensor) => wasm.typedArrayFromHeap(tensor),
    };
  }
  const cpu = backend as MathBackendCPU;
  return {
    allocate: (shape) => {
      const values = new Float32Array(shape.reduce((size, dim) => size * dim, 1));
      return cpu.makeTensorInfo(shape, 'float32', values);
    },
    elements: (tensor) => cpu.data.get(tensor.dataId).values as TypedArray,
  };
}
