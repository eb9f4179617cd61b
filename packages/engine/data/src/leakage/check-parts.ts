import type { Split } from '../split.ts';
import { shareText, type LeakFinding } from './leak-finding.ts';

/**
 * The same interaction in two parts: learned and then asked for; or validated on and then asked for, so that whatever is
 * chosen by validation is chosen by the test. Where events have times the same event is the same user, item and time;
 * elsewhere a user who meets an item again looks the same, which is only noted.
 */
export function checkParts({ table, train, valid, test }: Split): readonly LeakFinding[] {
  const timed = table.chronology === 'time';
  const key = (event: number): string =>
    `${table.users[event]} ${table.items[event]}${timed ? ` ${table.atMs[event]}` : ''}`;
  const [learned, validated] = [new Set(Array.from(train, key)), new Set(Array.from(valid, key))];
  const within = (events: Int32Array, part: ReadonlySet<string>): number =>
    events.reduce((count, event) => count + (part.has(key(event)) ? 1 : 0), 0);
  const finding = (check: string, repeated: number, of: number, what: string, remedy: string): LeakFinding => ({
    check,
    state: repeated === 0 ? 'ok' : timed ? 'leak' : 'noted',
    found: `${repeated} of ${of} ${what} (${shareText(repeated, of)})`,
    facts: { repeated, of },
    ...(repeated > 0 && { remedy }),
  });
  return [
    finding(
      'test apart from training',
      within(test, learned),
      test.length,
      'test interactions are in the training part, too',
      'Remove repeated rows from the dataset, or mend its own parts.',
    ),
    finding(
      'validation apart from test',
      within(test, validated),
      test.length,
      'test interactions are in the validation part, too',
      'Draw validation from the training part, never from the test: choices by validation are choices by the test here.',
    ),
    finding(
      'validation apart from training',
      within(valid, learned),
      valid.length,
      'validation interactions are in the training part, too',
      'Remove repeated rows from the dataset, or mend its own parts.',
    ),
  ];
}
