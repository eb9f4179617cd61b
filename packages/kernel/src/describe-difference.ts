import type { JsonValue } from '@tandem-rec/contract';
import { canonicalJson } from './canonical.ts';

type Tree = { readonly [key: string]: JsonValue };

/**
 * Where two descriptions of compositions differ, one line each: `participants.fism.options.dim: 32 → 64`. Members of a
 * list that have names are compared by name, so that one more participant is one difference. Empty if they are equal.
 *
 * @param before For example that of a checkpoint.
 * @param after For example that of the configuration.
 */
export function describeDifference(before: JsonValue, after: JsonValue): string[] {
  const lines: string[] = [];
  compare('', before, after, lines);
  return lines;
}

function compare(path: string, before: JsonValue | undefined, after: JsonValue | undefined, lines: string[]): void {
  const a = asTree(before);
  const b = asTree(after);
  if (a === undefined || b === undefined) {
    if (show(before) !== show(after)) lines.push(`${path || '(all)'}: ${show(before)} → ${show(after)}`);
    return;
  }
  const reported = lines.length;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
    compare(path === '' ? key : `${path}.${key}`, a[key], b[key], lines);
  // The same members in another order.
  if (lines.length === reported && Array.isArray(before) && show(before) !== show(after))
    lines.push(`${path}: order ${Object.keys(a).join(', ')} → ${Object.keys(b).join(', ')}`);
}

function asTree(value: JsonValue | undefined): Tree | undefined {
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? (value as Tree) : undefined;
  const members = value as readonly JsonValue[];
  const names = members.map((member) =>
    typeof member === 'object' && member !== null ? (member as Tree)['name'] : undefined,
  );
  const named = names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
  return Object.fromEntries(members.map((member, at) => [named ? (names[at] as string) : String(at), member]));
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? '(absent)' : canonicalJson(value);
}
