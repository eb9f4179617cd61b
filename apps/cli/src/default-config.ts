import { moduleBeside } from './module-beside.ts';

/** The embedded configuration: what commands are about if no other is named. */
export const EMBEDDED_CONFIG = moduleBeside(import.meta, 'embedded.config');
