import { fileURLToPath } from 'node:url';

/** Where the programs lie that run other libraries: beside `src` and `dist`. */
export const PROGRAMS = fileURLToPath(new URL('../../../peers/', import.meta.url));
