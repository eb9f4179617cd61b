export { bpr, type BprOptions } from './bpr.ts';
export { ials, type IalsOptions } from './ials.ts';
export { warp, type WarpOptions } from './warp.ts';
