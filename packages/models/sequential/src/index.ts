export { bert4rec, type Bert4RecOptions } from './bert4rec.ts';
export { caser, type CaserOptions } from './caser.ts';
export { gru4rec, type Gru4RecOptions } from './gru4rec.ts';
export { sasrec, type SasrecOptions } from './sasrec.ts';
