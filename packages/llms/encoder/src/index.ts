export { encoder } from './encoder.ts';
export { type EncoderOptions } from './encoder-options.ts';
