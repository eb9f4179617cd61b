import type { Clock } from '@tandem-rec/contract';

import type { KafkaOptions } from './options.ts';
import type { Outage } from './outage.ts';
import { permanentFailure, reasonOf } from './permanent-failure.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/** Repeats attempts with back-off until they succeed, or can never succeed, or are called off. */
export class Patience {
  readonly #options: KafkaOptions;
  readonly #outage: Outage;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #waitMs = FIRST_WAIT_MS;

  constructor(options: KafkaOptions, outage: Outage, clock: Clock, signal: AbortSignal) {
    this.#options = options;
    this.#outage = outage;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** @throws a `TandemError` for what can never heal; the signal's reason when it aborts */
  async insist<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#signal.throwIfAborted();
      try {
        const result = await attempt();
        this.#waitMs = FIRST_WAIT_MS;
        return result;
      } catch (error) {
        await this.wait(error);
      }
    }
  }

  /** Waits after a failure, longer each time. Throws as {@link insist} does. */
  async wait(error: unknown): Promise<void> {
    const permanent = permanentFailure(error, this.#options);
    if (permanent !== undefined) throw permanent;
    this.#outage.failing(reasonOf(error, this.#options));
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    await this.#clock.sleep(waitMs, this.#signal);
  }

  /** Kafka does its work again: the next wait is a short one. */
  healed(): void {
    this.#waitMs = FIRST_WAIT_MS;
    this.#outage.over();
  }
}
