import { createHash } from 'node:crypto';
import type { JsonValue } from '@tandem-rec/contract';

/** The content hash of a question: the same words to the same model with the same parameters and the same version of the prompt. */
export const exchangeKey = (model: string, params: JsonValue, prompt: string, question: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([model, sorted(params), prompt, question]))
    .digest('hex');

/** With keys in order: how a configuration is written down does not change what it says. */
function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each as JsonValue)]),
  );
}
