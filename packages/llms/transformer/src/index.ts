export { transformer } from './transformer.ts';
export { type TransformerOptions } from './transformer-options.ts';
