export { transformer } from './transformer.ts';
export { type TransformerOptions } from './transformer-options.ts';
export { HashedSubwordEncoder } from './encoder/hashed-subword-encoder.ts';
export { MiniLmEncoder } from './encoder/mini-lm-encoder.ts';
export { type SentenceEncoder } from './encoder/sentence-encoder.ts';
