export { lightgcn, type LightGcnOptions } from './lightgcn.ts';
export { ngcf, type NgcfOptions } from './ngcf.ts';
