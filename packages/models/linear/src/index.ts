export { ease, type EaseOptions } from './ease.ts';
export { gfcf, type GfcfOptions } from './gfcf.ts';
