import type { JsonValue } from '@tandem-rec/contract';

type Platform = Readonly<Record<string, JsonValue>>;

/** What bit-identity depends on and differs, one line each: `node: "v22.1.0" → "v22.2.0"`. The name of the host is no such thing. */
export function platformDifferences(was: Platform, is: Platform): readonly string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => key !== 'host' && shown(was[key]) !== shown(is[key]))
    .map((key) => `${key}: ${shown(was[key])} → ${shown(is[key])}`);
}

const shown = (value: JsonValue | undefined): string => (value === undefined ? '(unknown)' : JSON.stringify(value));
