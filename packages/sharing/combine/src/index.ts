export { combine } from './combine.ts';
export { combineOptions, type CombineOptions } from './options.ts';
