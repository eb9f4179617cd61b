export { bpr, type BprOptions } from './bpr.ts';
export { ials, type IalsOptions } from './ials.ts';
export { softmaxMf, type SoftmaxMfOptions } from './softmax-mf.ts';
export { warp, type WarpOptions } from './warp.ts';
