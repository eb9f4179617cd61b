export { distil } from './distil.ts';
export { distilOptions, type DistilOptions } from './options.ts';
