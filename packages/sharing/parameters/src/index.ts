export { initialise } from './initialise.ts';
export { prior } from './prior.ts';
export { project } from './project.ts';
