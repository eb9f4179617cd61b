import { join } from 'node:path';

/** The folder of a tiny random model: `bert`, `gpt2`, `gpt-neox` or `llama`; 16 positions, words are single letters. */
export const tinyModel = (name: string): string =>
  join(import.meta.dirname, '../../../engine/language/test/fixtures', name);
