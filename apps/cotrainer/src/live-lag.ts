import type { Clock, InteractionSource } from '@tandem-rec/contract';

/** A source is asked at most this often. */
const EVERY_MS = 1000;

/** A source's lag for whoever looks often: what the source said last, which is asked again in the background. */
export class LiveLag {
  readonly #source: Pick<InteractionSource, 'lag'>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #askedAtMs = -Infinity;
  #asking = false;
  #records: number | undefined;

  constructor(source: Pick<InteractionSource, 'lag'>, clock: Pick<Clock, 'monotonicMs'>) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Records; undefined while it is not known. */
  get records(): number | undefined {
    const now = this.#clock.monotonicMs();
    if (!this.#asking && now - this.#askedAtMs >= EVERY_MS) {
      this.#askedAtMs = now;
      void this.#ask();
    }
    return this.#records;
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    try {
      this.#records = (await this.#source.lag?.())?.records;
    } catch {
      // Not open yet, or closed already.
      this.#records = undefined;
    } finally {
      this.#asking = false;
    }
  }
}
