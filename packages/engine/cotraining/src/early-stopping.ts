/** Who is best at which epoch on validation, and who has not become better for as long as the patience lasts. */
export class EarlyStopping {
  readonly #patience: number;
  readonly #best = new Map<string, number>();
  readonly #stale = new Map<string, number>();

  /** `patience`: validations without improvement. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Hears what somebody reached (undefined: there is no validation) and answers whether it was never better before. */
  isBest(name: string, reached: number | undefined): boolean {
    const best = reached === undefined || reached > (this.#best.get(name) ?? -1);
    if (best && reached !== undefined) this.#best.set(name, reached);
    // Who has stopped may become better by others' rows, but does not begin again.
    if (!this.hasStopped(name)) this.#stale.set(name, best ? 0 : (this.#stale.get(name) ?? 0) + 1);
    return best;
  }

  hasStopped(name: string): boolean {
    return (this.#stale.get(name) ?? 0) >= this.#patience;
  }
}
