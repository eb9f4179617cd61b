import type { EventTable } from './event-table.ts';

/** The events of every user: those of user u are `events[offsets[u] … offsets[u + 1])`, oldest first. */
export interface TimelineIndex {
  /** Length: users + 1. */
  readonly offsets: Int32Array;
  readonly events: Int32Array;
}

/** Orders events by user, then time; at equal times the order of reading counts. */
export function timelines(table: EventTable, events: Int32Array): TimelineIndex {
  const users = table.userIds.length;
  const offsets = new Int32Array(users + 1);
  for (const event of events) offsets[table.users[event] + 1]++;
  for (let user = 0; user < users; user++) offsets[user + 1] += offsets[user];
  const next = offsets.slice(0, users);
  const ordered = new Int32Array(events.length);
  for (const event of events) ordered[next[table.users[event]]++] = event;
  for (let user = 0; user < users; user++) sortByTime(table.atMs, ordered.subarray(offsets[user], offsets[user + 1]));
  return { offsets, events: ordered };
}

/** Sorts event indices in place by time, then index. */
export function sortByTime(atMs: Float64Array, events: Int32Array): void {
  for (let k = 1; k < events.length; k++) {
    const before = events[k - 1];
    const after = events[k];
    if (atMs[before] > atMs[after] || (atMs[before] === atMs[after] && before > after)) {
      events.sort((a, b) => atMs[a] - atMs[b] || a - b);
      return;
    }
  }
}
