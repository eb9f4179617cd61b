import { TandemError, z, type Lesson, type Side, type State } from '@tandem-rec/contract';
import { clipped } from './data-block.ts';

const savedSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

export interface NotesOptions {
  /** Newest texts that are kept about a user or item. */
  readonly perRow: number;
  /** Users and items that they are kept of; the longest untouched are forgotten. */
  readonly rows: number;
  /** Characters of a text. */
  readonly textLimit: number;
}

/** What other participants said about users and items, newest last; bounded in all directions. */
export class Notes {
  readonly #perRow: number;
  readonly #rows: number;
  readonly #limit: number;
  /** By side and row, in the order they were last touched. */
  #said = new Map<string, readonly string[]>();

  constructor({ perRow, rows, textLimit }: NotesOptions) {
    this.#perRow = perRow;
    this.#rows = rows;
    this.#limit = textLimit;
  }

  of(side: Side, row: number): readonly string[] {
    return this.#said.get(nameOf(side, row)) ?? [];
  }

  add(lessons: readonly Lesson[]): void {
    for (const lesson of lessons) {
      if (lesson.kind !== 'text' || lesson.weight === 0) continue;
      for (const [i, row] of lesson.rows.entries()) {
        const text = clipped(lesson.texts[i], this.#limit);
        if (text !== '') this.#add(nameOf(lesson.side, row), text);
      }
    }
    while (this.#said.size > this.#rows) this.#said.delete(this.#said.keys().next().value!);
  }

  save(): State['values'] {
    return { notes: [...this.#said] };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load({ notes }: State['values']): void {
    const saved = savedSchema.safeParse(notes);
    if (!saved.success) throw new TandemError('TANDEM_STATE_MISMATCH', 'The state has no notes about users and items.');
    this.#said = new Map(saved.data);
  }

  #add(name: string, text: string): void {
    const before = (this.#said.get(name) ?? []).filter((each) => each !== text);
    this.#said.delete(name);
    this.#said.set(name, [...before, text].slice(-this.#perRow));
  }
}

const nameOf = (side: Side, row: number): string => `${side} ${row}`;
