import { isId } from './fields.ts';

/** The object in a line of JSON, or what is wrong with the line. */
export function parseObject(line: string): Readonly<Record<string, unknown>> | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `Not JSON: ${(error as Error).message}`;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : 'Not a JSON object.';
}

/** An id from a text or a safe integer. */
export function scalarId(value: unknown): string | undefined {
  if (typeof value === 'string') return isId(value) ? value : undefined;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** A text with something in it. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
