import { TandemError, type Environment } from '@tandem-rec/contract';
import type { Limits } from '../langchain-options.ts';
import { failureOf, type Failure } from './failure.ts';
import type { Redact } from './redact.ts';
import { Semaphore } from './semaphore.ts';
import { TokenBucket } from './token-bucket.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;
const FIRST_OUTAGE_MS = 15_000;
const LONGEST_OUTAGE_MS = 600_000;

/**
 * The line to one hosted model: so many calls at a time, so many requests and tokens a minute, a timeout, and retries
 * with jitter. After a call that failed for good the line is down for a while, in which nobody waits for it; the next
 * call after that tries again, and what it finds is said once.
 */
export class Line {
  readonly #model: string;
  readonly #limits: Limits;
  readonly #env: Environment;
  readonly #redact: Redact;
  readonly #places: Semaphore;
  readonly #requests: TokenBucket;
  readonly #tokens: TokenBucket;
  #outage: { readonly untilMs: number; readonly lastsMs: number; readonly reason: string } | undefined;

  constructor(model: string, limits: Limits, env: Environment, redact: Redact) {
    this.#model = model;
    this.#limits = limits;
    this.#env = env;
    this.#redact = redact;
    this.#places = new Semaphore(limits.concurrency);
    this.#requests = new TokenBucket(limits.requestsPerMinute, env.clock);
    this.#tokens = new TokenBucket(limits.tokensPerMinute, env.clock);
  }

  /** Throws `TANDEM_MODEL_UNAVAILABLE`, `TANDEM_MODEL_ANSWER_INVALID` where only this question was refused; what of ours `work` throws; the reason of the environment's signal. */
  async call<T>(tokens: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#places.run(async () => {
      for (let attempt = 1; ; attempt++) {
        this.#env.signal.throwIfAborted();
        if (this.#outage && this.#env.clock.monotonicMs() < this.#outage.untilMs)
          throw this.#unavailable(this.#outage.reason);
        await this.#requests.take(1, this.#env.signal);
        await this.#tokens.take(tokens, this.#env.signal);
        try {
          const answer = await this.#timed(work);
          this.#answered();
          return answer;
        } catch (error) {
          this.#env.signal.throwIfAborted();
          if (TandemError.is(error)) throw error;
          const failure = failureOf(error, this.#env.clock.nowMs());
          if (failure.kind === 'question') throw this.#refused(failure);
          const waitMs = this.#wait(attempt, failure);
          if (failure.kind === 'model' || attempt >= this.#limits.attempts || waitMs > LONGEST_WAIT_MS)
            throw this.#down(failure);
          await this.#env.clock.sleep(waitMs, this.#env.signal);
        }
      }
    });
  }

  /** The network's time is the machine's; a model that does not listen to its signal is left behind. */
  async #timed<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#limits;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([this.#env.signal, timeout]);
    let abandon = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      abandon = () =>
        reject(timeout.aborted ? new Error(`no answer within ${timeoutMs} ms`) : (signal.reason as Error));
      signal.addEventListener('abort', abandon, { once: true });
    });
    try {
      return await Promise.race([work(signal), aborted]);
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Doubled each time, half of it drawn by lot; never shorter than what the server asked for. */
  #wait(attempt: number, { retryAfterMs = 0 }: Failure): number {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    const jitter = this.#env.rng.fork(`${this.#model} ${this.#env.clock.monotonicMs()} ${attempt}`).next();
    return Math.max(retryAfterMs, (longest * (1 + jitter)) / 2);
  }

  #answered(): void {
    if (!this.#outage) return;
    this.#outage = undefined;
    this.#env.log.info('The hosted model answers again', { model: this.#model });
  }

  #down({ reason, retryAfterMs = 0 }: Failure): TandemError {
    const said = this.#redact(reason);
    const now = this.#env.clock.monotonicMs();
    const before = this.#outage;
    if (!before)
      this.#env.log.warn('The hosted model does not answer: going on without it, and asking again later', {
        model: this.#model,
        reason: said,
      });
    // Calls that were under way together fail together: that is one failure.
    if (!before || now >= before.untilMs) {
      const lastsMs = Math.max(
        retryAfterMs,
        before ? Math.min(LONGEST_OUTAGE_MS, 2 * before.lastsMs) : FIRST_OUTAGE_MS,
      );
      this.#outage = { untilMs: now + lastsMs, lastsMs, reason: said };
    }
    return this.#unavailable(said);
  }

  #refused({ reason }: Failure): TandemError {
    const said = this.#redact(reason);
    return new TandemError('TANDEM_MODEL_ANSWER_INVALID', `${this.#model} refuses this question: ${said}`, {
      details: { model: this.#model, reason: said },
    });
  }

  // Without the cause: what providers throw may hold the request with its key.
  #unavailable(reason: string): TandemError {
    return new TandemError('TANDEM_MODEL_UNAVAILABLE', `${this.#model} does not answer: ${reason}`, {
      details: { model: this.#model, reason },
    });
  }
}
