export { lightgcn, type LightGcnOptions } from './lightgcn.ts';
