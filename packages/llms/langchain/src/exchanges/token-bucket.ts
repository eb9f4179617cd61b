import type { Clock } from '@tandem-rec/contract';

const MINUTE_MS = 60_000;

/** So many units a minute, refilled steadily; who comes first is served first. Unlimited without a number. */
export class TokenBucket {
  readonly #perMinute: number | undefined;
  readonly #clock: Clock;
  #level: number;
  #atMs: number;
  #queue: Promise<void> = Promise.resolve();

  constructor(perMinute: number | undefined, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
    this.#level = perMinute ?? 0;
    this.#atMs = clock.monotonicMs();
  }

  /** Resolves when `units` may be used; more than a minute's worth waits for a full bucket. Rejects with the signal's reason. */
  take(units: number, signal: AbortSignal): Promise<void> {
    const perMinute = this.#perMinute;
    if (perMinute === undefined) return Promise.resolve();
    const turn = this.#queue.then(() => this.#draw(Math.min(units, perMinute), perMinute, signal));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #draw(units: number, perMinute: number, signal: AbortSignal): Promise<void> {
    this.#refill(perMinute);
    while (this.#level < units) {
      await this.#clock.sleep(Math.ceil(((units - this.#level) / perMinute) * MINUTE_MS), signal);
      this.#refill(perMinute);
    }
    this.#level -= units;
  }

  #refill(perMinute: number): void {
    const now = this.#clock.monotonicMs();
    this.#level = Math.min(perMinute, this.#level + ((now - this.#atMs) / MINUTE_MS) * perMinute);
    this.#atMs = now;
  }
}
