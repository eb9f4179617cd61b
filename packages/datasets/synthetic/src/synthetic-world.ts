import { defineDatasetReader } from '@tandem-rec/contract';
import { worldOptions } from './options.ts';
import { createWorld, type World } from './world.ts';

/**
 * A synthetic world of readable items: taste shows partly in words and partly in behaviour that words do not tell, items
 * arrive while the stream runs, and tastes drift. See `createWorld` for the model. Made when it is first read, from its
 * seed alone, in about a second.
 *
 * @example
 * defineConfig({ dataset: syntheticWorld({ wordsTell: 0 }), … })
 */
export const syntheticWorld = defineDatasetReader({
  id: '@tandem-rec/dataset-synthetic#syntheticWorld',
  summary: 'A seeded world of readable items in which words tell an adjustable share of taste.',
  options: worldOptions,
  create: (options) => {
    let made: World | undefined;
    const world = (): World => (made ??= createWorld(options));
    return {
      name: 'synthetic world',
      chronology: 'time',
      async *interactions() {
        yield* world().interactions;
      },
      async *items() {
        yield* world().items;
      },
    };
  },
});
