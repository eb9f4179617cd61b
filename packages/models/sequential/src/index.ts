export { bert4rec, type Bert4RecOptions } from './bert4rec.ts';
export { sasrec, type SasrecOptions } from './sasrec.ts';
