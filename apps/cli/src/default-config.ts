import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The embedded configuration, beside this module: TypeScript when run from source, JavaScript when installed. */
export const EMBEDDED_CONFIG = fileURLToPath(new URL(`./embedded.config${extname(import.meta.filename)}`, import.meta.url));
