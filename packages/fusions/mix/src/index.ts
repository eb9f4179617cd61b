export { mix } from './mix.ts';
export { rankMix } from './rank-mix.ts';
