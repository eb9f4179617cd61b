export { EXIT, run } from './program.ts';
