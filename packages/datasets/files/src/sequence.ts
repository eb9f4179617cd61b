import { isId } from './fields.ts';
import type { Parsed } from './read-rows.ts';

/** A user with items, as in a line `user item item …`. */
export function parseSequence(text: string): Parsed<{ user: string; items: readonly string[] }> {
  const [user, ...items] = text.trim().split(/\s+/);
  if (!isId(user)) return user === '' ? undefined : 'The user is no id.';
  return items.every(isId) ? { user, items } : 'An item is no id.';
}
