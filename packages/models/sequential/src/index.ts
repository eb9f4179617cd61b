export { sasrec, type SasrecOptions } from './sasrec.ts';
