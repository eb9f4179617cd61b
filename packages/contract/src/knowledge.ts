/** The four kinds of knowledge that can cross the bridge between a domain model and a language model. */
export const KNOWLEDGE = ['parameters', 'representations', 'predictions', 'text'] as const;

/**
 * One kind of knowledge:
 * - `parameters`: rows of the shared embedding tables (BDLM's information storage),
 * - `representations`: vectors of users or items, constants for whoever takes them,
 * - `predictions`: scores over candidate items,
 * - `text`: words.
 */
export type Knowledge = (typeof KNOWLEDGE)[number];

/**
 * Where in a model a vector is read:
 * - `top`: what it makes of a user or an item, with all that it has learned (BDLM's top-layer states),
 * - `input`: what enters it, before anything it learned: of a language model, what the words say.
 */
export type Layer = 'top' | 'input';

/** What a row, a table or a vector is about. */
export type Side = 'user' | 'item';

/** The two roles at the table. A composition has one or more participants in each. */
export type Role = 'domain' | 'language';
