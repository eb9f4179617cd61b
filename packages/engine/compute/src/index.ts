export { SeededRng } from './seeded-rng.ts';
export { kernelName, openSgemm, sgemm, type KernelName, type Sgemm, type Transposes } from './sgemm.ts';
export { sgemmReference } from './sgemm-reference.ts';
