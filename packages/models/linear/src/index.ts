export { gfcf, type GfcfOptions } from './gfcf.ts';
