import { savedArray, type State } from '@tandem-rec/contract';

/** The newest event ids: an id met again within the window is a duplicate. */
export class DedupeWindow {
  readonly #capacity: number;
  readonly #ids = new Set<string>();
  // The same ids as a ring, oldest at `#oldest` once it is full. A Set knows its order, too, but to find its first entry
  // it walks over all that were deleted before.
  #ring: string[] = [];
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** True if the id was met within the window; remembers it otherwise. */
  seen(id: string): boolean {
    if (this.#capacity === 0) return false;
    if (this.#ids.has(id)) return true;
    this.#ids.add(id);
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(id);
      return false;
    }
    this.#ids.delete(this.#ring[this.#oldest]);
    this.#ring[this.#oldest] = id;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    return false;
  }

  save(): State {
    const text = new TextEncoder().encode(
      JSON.stringify([...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)]),
    );
    return { version: 1, arrays: [{ name: 'ids', shape: [text.length], owner: 'user', data: text }], values: {} };
  }

  load(state: State): void {
    this.#ring = [];
    this.#oldest = 0;
    this.#ids.clear();
    for (const id of JSON.parse(new TextDecoder().decode(savedArray(state, 'ids', Uint8Array))) as string[])
      this.seen(id);
  }
}
