import { isPlugin, isPluginUse } from '@tandem-rec/contract';
import { isPlainObject } from '../plain.ts';

/** A value as it may stand in a message or in JSON: plugins by their id, functions and classes by their name. */
export function summarise(value: unknown): unknown {
  if (isPluginUse(value)) return { use: value.id };
  if (isPlugin(value)) return `${value.definition.id} (not called)`;
  if (Array.isArray(value)) return value.map(summarise);
  if (isPlainObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, summarise(inner)]));
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object' && value !== null) return `object of class ${value.constructor.name}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  return value;
}
