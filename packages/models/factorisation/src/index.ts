export { bpr } from './bpr.ts';
export { ials } from './ials.ts';
