export { dataFolder, modelFolder } from './folders.ts';
export { registryReachable } from './registry-reachable.ts';
export { requireOrSkip, type Availability } from './require-or-skip.ts';
