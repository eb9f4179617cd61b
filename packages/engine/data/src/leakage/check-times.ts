import { evaluationTask } from '../evaluation-task.ts';
import type { Split } from '../split.ts';
import { timelines } from '../timelines.ts';
import { eventsOf } from '../training-set.ts';
import { shareText, type LeakFinding } from './leak-finding.ts';

/**
 * Histories that hold what came after the question: what a model is handed for a test user (`evaluationTask`), each item
 * looked up in what its user did. And, over all, how much of the training happened after the questions (Ji et al., "A
 * critical study on data leakage in recommender system offline evaluation", TOIS 2023): allowed by most splits, never live.
 */
export function checkTimes(split: Split): readonly LeakFinding[] {
  const { table } = split;
  if (table.chronology !== 'time')
    return [
      {
        check: 'histories before the question',
        state: 'noted',
        found: 'the data has no times: it cannot be told',
        facts: {},
      },
    ];
  const known = timelines(table, eventsOf(split, ['train', 'valid']));
  const asked = evaluationTask(split, 'test', { historyLimit: Math.max(1, table.size) });
  const { atMs, users } = asked.contexts(asked.users);
  let late = 0;
  for (const [k, user] of users.entries()) {
    const events = known.events.subarray(known.offsets[user], known.offsets[user + 1]);
    if (events.some((event) => table.atMs[event] > atMs[k])) late++;
  }
  const times = split.train.length === 0 ? [] : Float64Array.from(split.train, (event) => table.atMs[event]).sort();
  const middle = Float64Array.from(atMs).sort()[atMs.length >> 1];
  let after = times.length;
  while (after > 0 && times[after - 1] > middle) after--;
  const future = times.length - after;
  const drawn = split.name === 'random';
  return [
    {
      check: 'histories before the question',
      state: late === 0 ? 'ok' : drawn ? 'noted' : 'leak',
      found: `${late} of ${users.length} test users are asked with a history from after the question (${shareText(late, users.length)})${drawn && late > 0 ? ', as a random split has it' : ''}`,
      facts: { late, users: users.length },
      ...(late > 0 && { remedy: 'Split by leave-one-out or temporal, or order the dataset’s own parts by time.' }),
    },
    {
      check: 'others’ future in training',
      state: future === 0 ? 'ok' : 'noted',
      found: `${shareText(future, times.length)} of the training happened after the median test question${future > 0 ? '; none would with split.by temporal, or on a stream' : ''}`,
      facts: { future, training: times.length },
    },
  ];
}
