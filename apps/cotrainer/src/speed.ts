const WINDOW_MS = 3000;

/** Events a second over the last few seconds, from readings of a counter. */
export class Speed {
  readonly #readings: { readonly events: number; readonly atMs: number }[] = [];

  measure(events: number, atMs: number): number {
    this.#readings.push({ events, atMs });
    while (this.#readings.length > 2 && atMs - this.#readings[1].atMs > WINDOW_MS) this.#readings.shift();
    const first = this.#readings[0];
    return atMs > first.atMs ? ((events - first.events) * 1000) / (atMs - first.atMs) : 0;
  }
}
