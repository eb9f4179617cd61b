export { worldOptions, type WorldOptions } from './options.ts';
export { syntheticWorld } from './synthetic-world.ts';
export { createWorld, type World } from './world.ts';
