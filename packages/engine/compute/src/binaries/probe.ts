// Generated from kernels/probe.ts by `npm run kernels -w @tandem-rec/compute`; do not edit.
import type { KernelBinary } from '../kernel.ts';

export const probeBinary: KernelBinary = {
  simd:
    'AGFzbQEAAAABCAFgA319fQF9AhIBA2VudgZtZW1vcnkCAwGAgAQDAgEABxgCC211bHRpcGx5QWRkAAAGbWVtb3J5AgAKDAEKACAAIAGUIAKSCw' +
    '==',
  relaxed:
    'AGFzbQEAAAABCAFgA319fQF9AhIBA2VudgZtZW1vcnkCAwGAgAQDAgEABxgCC211bHRpcGx5QWRkAAAGbWVtb3J5AgAKFgEUACAA/RMgAf0TIA' +
    'L9E/2FAv0fAAs=',
};
