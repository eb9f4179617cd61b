import type { Catalogue, CatalogueItem, Lesson } from '@tandem-rec/contract';
import type { Notes } from '@tandem-rec/language';

/** Tellings that are remembered; whoever has not looked for longer is shown all items. */
const REMEMBERED = 1024;

/** A moment at which something was told: revisions of this catalogue and of the one behind it. */
interface Telling {
  readonly revision: number;
  readonly behind: number;
}

/** A catalogue in which an item's text is also what other participants said about it, newest last. */
export class ToldCatalogue implements Catalogue {
  readonly #behind: Catalogue;
  readonly #notes: Notes;
  /** Rows that something was told of, with the revision at which it was. */
  readonly #toldAt = new Map<number, number>();
  #tellings: Telling[] = [];
  #told = 0;

  constructor(behind: Catalogue, notes: Notes) {
    this.#behind = behind;
    this.#notes = notes;
  }

  get size(): number {
    return this.#behind.size;
  }

  get revision(): number {
    return this.#behind.revision + this.#told;
  }

  item(row: number): CatalogueItem {
    const item = this.#behind.item(row);
    const said = this.#notes.of('item', row);
    return said.length === 0 ? item : { ...item, text: { ...item.text, told: said.join(' ') } };
  }

  row(id: string): number | undefined {
    return this.#behind.row(id);
  }

  changedSince(revision: number): Int32Array {
    const last = this.#tellings.findLast((telling) => telling.revision <= revision);
    // Since the last telling before it, only what lies behind has changed.
    const behind = last
      ? last.behind + revision - last.revision
      : this.#tellings.length > 0
        ? 0
        : revision - this.#told;
    const told = [...this.#toldAt].filter(([, at]) => at > revision).map(([row]) => row);
    const changed = this.#behind.changedSince(behind);
    return told.length === 0 ? changed : Int32Array.from(new Set([...changed, ...told])).sort();
  }

  /** Lessons in words have been added to the notes. */
  hear(lessons: readonly Lesson[]): void {
    const rows = lessons.flatMap((lesson) =>
      lesson.kind === 'text' && lesson.side === 'item' ? [...lesson.rows] : [],
    );
    if (rows.length === 0) return;
    this.#told++;
    for (const row of rows) this.#toldAt.set(row, this.revision);
    this.#tellings.push({ revision: this.revision, behind: this.#behind.revision });
    if (this.#tellings.length > 2 * REMEMBERED) this.#tellings = this.#tellings.slice(-REMEMBERED);
  }
}
