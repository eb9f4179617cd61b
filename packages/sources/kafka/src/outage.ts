import type { Clock, Logger } from '@tandem-rec/contract';

/** A problem that heals within this time is not worth a line. */
const GRACE_MS = 1500;
/** Lines while it lasts: the first at once, then one in this time. */
const REPEAT_MS = 30_000;

/** Says that Kafka is away, without flooding the log, and that it is back. */
export class Outage {
  readonly #log: Logger;
  readonly #clock: Clock;
  #sinceMs: number | undefined;
  #spokenMs: number | undefined;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Something went wrong that usually heals by itself; said only if it lasts. */
  suspect(reason: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs >= GRACE_MS) this.failing(reason);
  }

  /** An attempt has failed and will be repeated. */
  failing(reason: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#sinceMs ??= nowMs;
    if (this.#spokenMs !== undefined && nowMs - this.#spokenMs < REPEAT_MS) return;
    this.#log.warn(this.#spokenMs === undefined ? 'Kafka does not answer; waiting' : 'still waiting for Kafka', {
      reason,
      sinceMs: Math.round(nowMs - this.#sinceMs),
    });
    this.#spokenMs = nowMs;
  }

  /** Kafka has answered. */
  over(): void {
    if (this.#spokenMs !== undefined) {
      this.#log.info('Kafka answers again', {
        afterMs: Math.round(this.#clock.monotonicMs() - (this.#sinceMs ?? this.#spokenMs)),
      });
    }
    this.#sinceMs = undefined;
    this.#spokenMs = undefined;
  }
}
