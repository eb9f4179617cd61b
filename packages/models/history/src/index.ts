export { fism } from './fism.ts';
