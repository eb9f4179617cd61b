import { constants, Script } from 'node:vm';

/**
 * `import(specifier)` as a module in another folder would do it: with Node's own resolution for ES modules, and with the
 * conditions this process runs under. (`createRequire` answers with the conditions of CommonJS, which packages need not
 * have, and `import.meta.resolve` takes no parent without a flag.)
 *
 * @param folder Absolute.
 */
export function importFrom(folder: string, specifier: string): Promise<Readonly<Record<string, unknown>>> {
  const run = new Script('(specifier) => import(specifier)', {
    filename: `${folder}/tandem.js`,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext() as (specifier: string) => Promise<Readonly<Record<string, unknown>>>;
  return run(specifier);
}
