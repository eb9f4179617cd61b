import { createHash } from 'node:crypto';
import type { JsonValue } from '@tandem-rec/contract';

/** JSON with the keys of every object in order: equal data, equal text. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [key: string]: JsonValue }).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}

/** SHA-256 of the canonical JSON, hexadecimal. */
export const hashOf = (value: JsonValue): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
