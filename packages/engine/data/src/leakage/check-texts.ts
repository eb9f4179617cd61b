import type { CatalogueItem } from '@tandem-rec/contract';
import { itemText } from '../item-text.ts';
import type { Split } from '../split.ts';
import { timelines } from '../timelines.ts';
import { eventsOf } from '../training-set.ts';
import { shareText, type LeakFinding } from './leak-finding.ts';

/** Newest items of a history whose texts are read. */
const READ = 20;
const MOST_NAMED = 3;
/** Titles shorter than this occur in texts by themselves. */
const TITLE_LENGTH = 12;

interface Question {
  readonly user: string;
  readonly target: number;
  readonly targetAtMs: number;
  /** Newest first. */
  readonly history: readonly number[];
}

/**
 * Texts that hold the answer: those of a user's past that name the item the user meets next (by id or title: lists of
 * what was bought together are made of such pairs), or the target's that names the user (reviews, lists of buyers).
 * Whether names stand there by chance is told by the same texts asked for other users' answers. Further: targets whose
 * text is word for word that of an item the user has met; texts from after the question.
 */
export function checkTexts(split: Split, items: readonly CatalogueItem[]): readonly LeakFinding[] {
  const { table } = split;
  const known = new Map(items.map((item) => [item.id, item]));
  const catalogue = table.itemIds.map((id) => known.get(id));
  const texts = catalogue.map((item) => (item ? itemText(item).toLowerCase() : ''));
  if (texts.every((text) => text === ''))
    return [{ check: 'texts', state: 'ok', found: 'no item has a text', facts: {} }];
  const questions = questionsOf(split);
  return [
    namedFinding(split, questions, catalogue, texts),
    twinFinding(questions, texts),
    lateFinding(split, questions, catalogue),
    sharedFinding(texts),
  ];
}

function questionsOf(split: Split): readonly Question[] {
  const { table } = split;
  const known = timelines(table, eventsOf(split, ['train', 'valid']));
  return Array.from(split.test, (event) => {
    const user = table.users[event];
    const past = known.events
      .subarray(known.offsets[user], known.offsets[user + 1])
      .slice(-READ)
      .reverse();
    return {
      user: table.userIds[user].toLowerCase(),
      target: table.items[event],
      targetAtMs: table.atMs[event],
      history: Array.from(past, (one) => table.items[one]),
    };
  });
}

function namedFinding(
  { table }: Split,
  questions: readonly Question[],
  catalogue: readonly (CatalogueItem | undefined)[],
  texts: readonly string[],
): LeakFinding {
  const words = texts.map((text) => new Set(text.split(/[^\p{L}\p{N}_-]+/u)));
  const titles = catalogue.map((item) => (Object.values(item?.text ?? {})[0] ?? '').toLowerCase().trim());
  const names = (target: number, { user, history }: Question): boolean =>
    words[target].has(user) ||
    history.some(
      (item) =>
        item !== target &&
        (words[item].has(table.itemIds[target].toLowerCase()) ||
          (titles[target].length >= TITLE_LENGTH &&
            titles[item] !== titles[target] &&
            texts[item].includes(titles[target]))),
    );
  const count = (shift: number): number =>
    questions.filter((question, k) => names(questions[(k + shift) % questions.length].target, question)).length;
  const named = count(0);
  const chance = count(Math.max(1, questions.length >> 1));
  const leaks = named >= MOST_NAMED && named > 3 * chance + 0.005 * questions.length;
  return {
    check: 'texts without answers',
    state: leaks ? 'leak' : named > chance + MOST_NAMED ? 'noted' : 'ok',
    found: `texts name the answer, or the answer's text names the user, for ${named} of ${questions.length} test interactions; for answers of other users ${chance}`,
    facts: { named, chance, of: questions.length },
    ...(leaks && {
      remedy: 'Leave out text fields that were made of interactions: what was bought together, reviews, buyers.',
    }),
  };
}

function twinFinding(questions: readonly Question[], texts: readonly string[]): LeakFinding {
  const twins = questions.filter(
    ({ target, history }) =>
      texts[target] !== '' && history.some((item) => item !== target && texts[item] === texts[target]),
  ).length;
  const share = twins / Math.max(1, questions.length);
  return {
    check: 'targets told from their twins',
    state: twins === 0 ? 'ok' : share > 0.02 ? 'leak' : 'noted',
    found: `${twins} of ${questions.length} targets have word for word the text of an item in the user's past (${shareText(twins, questions.length)})`,
    facts: { twins, of: questions.length },
    ...(twins > 0 && { remedy: 'Join items that are the same under several ids.' }),
  };
}

function lateFinding(
  { table }: Split,
  questions: readonly Question[],
  catalogue: readonly (CatalogueItem | undefined)[],
): LeakFinding {
  if (table.chronology !== 'time')
    return {
      check: 'texts from before the question',
      state: 'noted',
      found: 'the data has no times: it cannot be told',
      facts: {},
    };
  const late = questions.filter(
    ({ target, targetAtMs }) => (catalogue[target]?.availableAtMs ?? -Infinity) > targetAtMs,
  ).length;
  return {
    check: 'texts from before the question',
    state: late === 0 ? 'ok' : 'leak',
    found: `${late} of ${questions.length} targets were met before their record was available (${shareText(late, questions.length)})`,
    facts: { late, of: questions.length },
    ...(late > 0 && {
      remedy: 'Their texts are from the future: leave those out, or mend `availableAtMs`.',
    }),
  };
}

function sharedFinding(texts: readonly string[]): LeakFinding {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
  const shared = texts.filter((text) => (counts.get(text) ?? 0) > 1).length;
  const silent = texts.filter((text) => text === '').length;
  return {
    check: 'items told apart by texts',
    state: shared + silent > 0.05 * texts.length ? 'noted' : 'ok',
    found: `${shared} of ${texts.length} items share their whole text with another (${shareText(shared, texts.length)}), ${silent} have none`,
    facts: { shared, silent, items: texts.length },
  };
}
