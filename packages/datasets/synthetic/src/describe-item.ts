import type { Rng } from '@tandem-rec/contract';
import { oneOf } from './draw.ts';
import { NEUTRAL, TOPICS } from './vocabulary.ts';

/** A readable title and description of an item that is mostly about one topic and a little about another. */
export function describeItem(
  topics: readonly [number, number],
  rng: Rng,
): { readonly title: string; readonly description: string } {
  const [first, second] = topics.map((topic) => TOPICS[topic % TOPICS.length]);
  const title = `The ${capital(oneOf(first.adjectives, rng))} ${capital(oneOf(first.nouns, rng))} of ${oneOf(NEUTRAL.places, rng)}`;
  const description = oneOf(NEUTRAL.templates, rng)
    .replace('{a}', oneOf(first.adjectives, rng))
    .replace('{n}', oneOf(first.nouns, rng))
    .replace('{m}', oneOf(rng.next() < 0.6 ? second.nouns : first.nouns, rng))
    .replace('{name}', oneOf(NEUTRAL.names, rng))
    .replace('{place}', oneOf(NEUTRAL.places, rng));
  return { title, description };
}

const capital = (word: string): string => word[0].toUpperCase() + word.slice(1);
