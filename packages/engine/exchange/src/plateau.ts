import { TandemError, type JsonValue, type Outcome } from '@tandem-rec/contract';

/** When nobody becomes better any more. */
export interface PlateauOptions {
  /** Ranked events in one measurement. */
  readonly events: number;
  /** Relative gain over the best so far that counts as better. */
  readonly gain: number;
  /** Measurements without one. */
  readonly patience: number;
}

const CUTOFF = 10;

/** Watches the rankings of everybody (NDCG@10, each made before the event was learned) until none gets better. */
export class Plateau {
  readonly #options: PlateauOptions;
  /** Ranked events and their gains since the newest measurement, by name. */
  #sums = new Map<string, readonly [events: number, gains: number]>();
  #best = new Map<string, number>();
  #stale = 0;

  constructor(options: PlateauOptions) {
    this.#options = options;
  }

  add({ ranks }: Outcome): void {
    for (const [name, places] of Object.entries(ranks)) {
      let [events, gains] = this.#sums.get(name) ?? [0, 0];
      for (const place of places) {
        if (place < 0) continue;
        events++;
        if (place < CUTOFF) gains += 1 / Math.log2(place + 2);
      }
      this.#sums.set(name, [events, gains]);
    }
  }

  /** Measures, if there are events enough, and says whether nobody has become better for as long as the patience lasts. */
  reached(): boolean {
    const { events, gain, patience } = this.#options;
    const measured = [...this.#sums].filter(([, [count]]) => count >= events);
    if (measured.length === 0) return false;
    let better = false;
    for (const [name, [count, gains]] of measured) {
      const best = this.#best.get(name);
      if (best === undefined || gains / count > best * (1 + gain)) better = true;
      this.#best.set(name, Math.max(best ?? 0, gains / count));
    }
    this.#sums.clear();
    this.#stale = better ? 0 : this.#stale + 1;
    return this.#stale >= patience;
  }

  /** Forgets everything but its options. */
  restart(): void {
    this.#sums.clear();
    this.#best.clear();
    this.#stale = 0;
  }

  save(): JsonValue {
    return {
      sums: [...this.#sums].map(([name, [events, gains]]) => [name, events, gains]),
      best: [...this.#best].map(([name, best]) => [name, best]),
      stale: this.#stale,
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(saved: JsonValue | undefined): void {
    const { sums, best, stale } = (saved ?? {}) as Readonly<Record<string, JsonValue | undefined>>;
    if (!Array.isArray(sums) || !Array.isArray(best) || typeof stale !== 'number')
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved schedule does not say how good everybody was.');
    this.#sums = new Map((sums as [string, number, number][]).map(([name, events, gains]) => [name, [events, gains]]));
    this.#best = new Map(best as [string, number][]);
    this.#stale = stale;
  }
}
