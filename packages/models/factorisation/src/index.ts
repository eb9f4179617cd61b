export { bpr } from './bpr.ts';
