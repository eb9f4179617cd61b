export { dataFolder, modelFolder } from './folders.ts';
export { requireOrSkip, type Availability } from './require-or-skip.ts';
