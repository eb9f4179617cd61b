import type { Catalogue, Rows, UserContexts } from '@tandem-rec/contract';
import type { Side } from '@tandem-rec/contract';
import { FieldValues } from './field-values.ts';

/** Where the rows of a field's features are kept: in a shared table of that name, or among the dense parameters. */
export type Bank = 'user' | 'item' | 'past' | 'common';

interface Field {
  readonly name: string;
  readonly bank: Bank;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
const DAYS = 7;
/** Interactions so far: none, 1, 2 to 3, 4 to 7, … */
const ACTIVITIES = 16;

const HOUR = 0;
const DAY = HOUR + HOURS;
const ACTIVITY = DAY + DAYS;
const CATEGORY = ACTIVITY + ACTIVITIES;

/** What is known of a question: who asks, after what, when. Hours and days are UTC's. */
export const CONTEXT_FIELDS: readonly Field[] = [
  { name: 'user', bank: 'user' },
  { name: 'past', bank: 'past' },
  { name: 'hour', bank: 'common' },
  { name: 'day', bank: 'common' },
  { name: 'activity', bank: 'common' },
];

/** What is known of an answer. */
export const ITEM_FIELDS: readonly Field[] = [
  { name: 'item', bank: 'item' },
  { name: 'categories', bank: 'common' },
];

/** The sides of the catalogue that the shared tables belong to. */
export const BANK_SIDES = { user: 'user', item: 'item', past: 'item' } as const satisfies Record<
  Exclude<Bank, 'common'>,
  Side
>;

/**
 * The features of users at a moment, and of items: the vector x of a factorisation machine, field by field. A field with
 * several features (the newest items of the past, the categories of an item) is pooled: each of n has the value 1/√n for
 * the past and 1/n for categories. What is not known has no feature.
 */
export class FeatureSpace {
  /** Categories by name, in the order in which they were met; those beyond the capacity share the last row. */
  readonly #categories = new Map<string, number>();
  readonly #capacity: number;
  readonly #past: number;
  #catalogue!: Catalogue;

  /** `past`: most items of the history that count; `categories`: most categories told apart, ≥ 1. */
  constructor({ past, categories }: { readonly past: number; readonly categories: number }) {
    this.#past = past;
    this.#capacity = categories;
  }

  /** Number of rows among the dense parameters. */
  get commonRows(): number {
    return CATEGORY + this.#capacity;
  }

  attach(catalogue: Catalogue): void {
    this.#catalogue = catalogue;
  }

  /** The fields of each question, in the order of `CONTEXT_FIELDS`. */
  contexts({ size, users, history, positions, atMs }: UserContexts, into: FieldValues): void {
    into.begin(CONTEXT_FIELDS.length);
    for (let b = 0; b < size; b++) {
      if (users[b] >= 0) into.add(users[b], 1);
      into.endField();
      const from = history.offsets[b];
      const length = Math.min(this.#past, history.offsets[b + 1] - from);
      for (let k = from; k < from + length; k++) into.add(history.items[k], 1 / Math.sqrt(length));
      into.endField();
      const hour = Math.floor(atMs[b] / HOUR_MS);
      into.add(HOUR + modulo(hour, HOURS), 1);
      into.endField();
      // The first of January 1970 was a Thursday: day 4 from Sunday.
      into.add(DAY + modulo(Math.floor(hour / HOURS) + 4, DAYS), 1);
      into.endField();
      into.add(ACTIVITY + Math.min(ACTIVITIES - 1, 32 - Math.clz32(positions[b])), 1);
      into.endField();
    }
  }

  /** The fields of each item, in the order of `ITEM_FIELDS`. */
  items(items: Rows, into: FieldValues): void {
    into.begin(ITEM_FIELDS.length);
    for (const item of items) {
      into.add(item, 1);
      into.endField();
      const { categories } = this.#catalogue.item(item);
      for (const name of categories) into.add(CATEGORY + this.#category(name), 1 / categories.length);
      into.endField();
    }
  }

  /** Gives the categories of these items their rows, in this order. */
  admit(items: Rows): void {
    for (const item of items)
      for (const name of this.#catalogue.item(item).categories)
        if (!this.#categories.has(name) && this.#categories.size < this.#capacity - 1)
          this.#categories.set(name, this.#categories.size);
  }

  #category(name: string): number {
    return this.#categories.get(name) ?? this.#capacity - 1;
  }

  /** The names of the categories that have rows. */
  save(): readonly string[] {
    return [...this.#categories.keys()];
  }

  load(categories: readonly string[]): void {
    this.#categories.clear();
    for (const name of categories) this.#categories.set(name, this.#categories.size);
  }
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
