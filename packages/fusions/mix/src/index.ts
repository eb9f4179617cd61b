export { mix } from './mix.ts';
