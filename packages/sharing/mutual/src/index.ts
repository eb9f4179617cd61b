export { mutual } from './mutual.ts';
