import { createRequire, registerHooks } from 'node:module';
import { dirname, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

let registered: Promise<void> | undefined;

/**
 * Registers the gradients of TensorFlow.js. Its bundle for Node leaves them out, and the file that has them is an ES
 * module whose imports lack extensions, in a package that does not say so: both are supplied while it loads. The
 * modules loaded so are further copies of parts of tfjs-core; engine and registries are shared through the global object.
 */
export function registerGradients(): Promise<void> {
  return (registered ??= load());
}

async function load(): Promise<void> {
  const core = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core');
  const folder = pathToFileURL(dirname(core) + sep).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('.') && context.parentURL?.startsWith(folder)
        ? next(new URL(`${specifier}.js`, context.parentURL).href, context)
        : next(specifier, context),
    load: (url, context, next) =>
      next(
        url,
        url.startsWith(folder) && url !== pathToFileURL(core).href ? { ...context, format: 'module' } : context,
      ),
  });
  try {
    await import(new URL('register_all_gradients.js', folder).href);
  } finally {
    hooks.deregister();
  }
}
