import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a module beside another one: TypeScript when run from source, JavaScript when installed. */
export const moduleBeside = (meta: ImportMeta, name: string): string =>
  fileURLToPath(new URL(`./${name}${extname(meta.filename)}`, meta.url));
