import { fileURLToPath } from 'node:url';

/** A random BERT in Hugging Face layout: what the numbers are does not matter, but that they are the same. */
export const tinyBert = fileURLToPath(new URL('../../../engine/language/test/fixtures/bert', import.meta.url));
