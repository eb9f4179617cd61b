import type { State } from '@tandem-rec/contract';
import { arrayOf } from './state-reader.ts';

/** The newest event ids: an id met again within the window is a duplicate. */
export class DedupeWindow {
  readonly #capacity: number;
  // A Set iterates in order of insertion, so its first entry is the oldest id.
  #ids = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** True if the id was met within the window; remembers it otherwise. */
  seen(id: string): boolean {
    if (this.#capacity === 0) return false;
    if (this.#ids.has(id)) return true;
    this.#ids.add(id);
    if (this.#ids.size > this.#capacity) this.#ids.delete(this.#ids.values().next().value as string);
    return false;
  }

  save(): State {
    const text = new TextEncoder().encode(JSON.stringify([...this.#ids]));
    return { version: 1, arrays: [{ name: 'ids', shape: [text.length], owner: 'user', data: text }], values: {} };
  }

  load(state: State): void {
    this.#ids = new Set(JSON.parse(new TextDecoder().decode(arrayOf(state, 'ids', Uint8Array))) as string[]);
  }
}
