import { TandemError, type Evaluation, type Rng } from '@tandem-rec/contract';

import { GIVEN_PARTS, selectEvents, type EventTable } from './event-table.ts';
import { sortByTime, timelines } from './timelines.ts';

type Drawing = Pick<Rng, 'int'>;

/** A dataset in three parts. Each part holds event indices of `table`: users ascending, each user's events oldest first. */
export interface Split {
  readonly name: Evaluation['split']['by'];
  /** The events of the three parts; it may hold fewer users and items than the table that was split. */
  readonly table: EventTable;
  readonly users: number;
  readonly items: number;
  readonly train: Int32Array;
  /** May be empty. */
  readonly valid: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits a table as a configuration says.
 *
 * @param rng used by `random` only
 * @throws TandemError `TANDEM_DATASET_NO_SPLIT` if the split needs what the dataset lacks, `TANDEM_DATASET_EMPTY` if a
 *   part that must not be empty is
 */
export function splitTable(table: EventTable, how: Evaluation['split'], rng: Drawing): Split {
  switch (how.by) {
    case 'leave-one-out':
      return leaveOneOut(table, how.minInteractions);
    case 'random':
      return randomPerUser(table, how.valid, how.test, rng);
    case 'temporal':
      return temporal(table, how.valid, how.test);
    case 'given':
      return given(table);
  }
}

/**
 * Of each user the last event is for the test and the one before it for validation. Users with fewer than
 * `minInteractions` (≥ 3) events are left out, with the items that only they met.
 */
export function leaveOneOut(table: EventTable, minInteractions = 3): Split {
  if (table.chronology === 'none') throw noSplit(table, 'leave-one-out', 'its events have no order');
  const counts = new Int32Array(table.userIds.length);
  for (const user of table.users) counts[user]++;
  const kept = selectEvents(
    table,
    everyEvent(table).filter((event) => counts[table.users[event]] >= Math.max(3, minInteractions)),
  );
  if (kept.size === 0) throw tooSmall(table, 'leave-one-out', `no user has ${minInteractions} interactions`);
  const { offsets, events } = timelines(kept, everyEvent(kept));
  const last = (back: number): Int32Array => offsets.subarray(1).map((end) => events[end - back]);
  const held = new Uint8Array(kept.size);
  const [test, valid] = [last(1), last(2)];
  for (const event of test) held[event] = 1;
  for (const event of valid) held[event] = 1;
  return split(
    'leave-one-out',
    kept,
    events.filter((event) => held[event] === 0),
    valid,
    test,
  );
}

/** Of each user's events a random `test` share (rounded down) is for the test, another `valid` share for validation. */
export function randomPerUser(table: EventTable, valid: number, test: number, rng: Drawing): Split {
  const { offsets, events } = timelines(table, everyEvent(table));
  const part = new Uint8Array(table.size);
  for (let user = 0; user < table.userIds.length; user++) {
    const drawn = shuffled(events.slice(offsets[user], offsets[user + 1]), rng);
    const forTest = portion(drawn.length, test);
    const forValid = portion(drawn.length, valid);
    for (let k = 0; k < forTest + forValid; k++) part[drawn[k]] = k < forTest ? 2 : 1;
  }
  return byPart('random', table, part);
}

/** The newest `test` share of all events is for the test, the `valid` share before it for validation: one moment divides everybody's. */
export function temporal(table: EventTable, valid: number, test: number): Split {
  if (table.chronology !== 'time') throw noSplit(table, 'temporal', 'its events have no times');
  const order = everyEvent(table);
  sortByTime(table.atMs, order);
  const testFrom = table.size - portion(table.size, test);
  const validFrom = testFrom - portion(table.size, valid);
  const part = new Uint8Array(table.size);
  for (let k = validFrom; k < table.size; k++) part[order[k]] = k < testFrom ? 1 : 2;
  return byPart('temporal', table, part);
}

/** The dataset's own split; the table must have been loaded with `given: true`. */
export function given(table: EventTable): Split {
  if (table.parts === undefined) throw noSplit(table, 'given', 'its parts were not loaded');
  return byPart('given', table, table.parts);
}

function byPart(name: Split['name'], table: EventTable, part: Uint8Array): Split {
  const [train, valid, test] = GIVEN_PARTS.map(
    (_, number) =>
      timelines(
        table,
        everyEvent(table).filter((event) => part[event] === number),
      ).events,
  );
  return split(name, table, train, valid, test);
}

function split(name: Split['name'], table: EventTable, train: Int32Array, valid: Int32Array, test: Int32Array): Split {
  if (train.length === 0 || test.length === 0)
    throw tooSmall(table, name, `training has ${train.length} interactions and the test ${test.length}`);
  return { name, table, users: table.userIds.length, items: table.itemIds.length, train, valid, test };
}

const everyEvent = (table: EventTable): Int32Array => new Int32Array(table.size).map((_, event) => event);

/** Rounded down, undisturbed by the last bit of the product. */
const portion = (count: number, share: number): number => Math.floor(count * share + 1e-9);

function shuffled(events: Int32Array, rng: Drawing): Int32Array {
  for (let k = events.length - 1; k > 0; k--) {
    const other = rng.int(k + 1);
    [events[k], events[other]] = [events[other], events[k]];
  }
  return events;
}

function noSplit(table: EventTable, by: string, why: string): TandemError {
  return new TandemError('TANDEM_DATASET_NO_SPLIT', `Dataset ${table.name} cannot be split by ${by}: ${why}.`);
}

function tooSmall(table: EventTable, by: string, why: string): TandemError {
  return new TandemError('TANDEM_DATASET_EMPTY', `Dataset ${table.name} is too small to split by ${by}: ${why}.`);
}
