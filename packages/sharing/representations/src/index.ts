export { align } from './align.ts';
