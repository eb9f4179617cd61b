import type { Clock, Logger, Participant, Scores, SharingStrategy } from '@tandem-rec/contract';
import type { Faults } from './faults.ts';
import type { Seat } from './information-sharing-module.ts';

/** Somebody is asked who failed in this batch, or does not answer: the others go on. */
export class Away extends Error {
  override readonly name = 'Away';
}

interface Place {
  /** Batches in a row in which it failed. */
  failures: number;
  /** Not asked again before this batch. */
  until: number;
  failedIn: number;
  answeredIn: number;
  /** A call that it has not answered in time: nobody is called twice at once. */
  silent: boolean;
}

/** Longest pause of somebody who keeps failing, batches. */
const LONGEST_PAUSE = 64;

/**
 * Who is at the table. A participant that throws, answers NaN or does not answer in time is away: for one batch, then two,
 * four … up to 64, until it answers again; one that is silent, until its call has come back. Whoever asks it meanwhile is
 * thrown `Away` at once. So is a strategy that fails: without it, there are no lessons.
 *
 * What fails is not in the journal: a run in which something failed can be resumed, and is not repeated bit for bit.
 */
export class Attendance {
  readonly #faults: Faults;
  readonly #log: Logger | undefined;
  readonly #clock: Clock | undefined;
  readonly #callMs: number;
  readonly #places = new Map<string, Place>();
  #batch = 0;
  /** The newest failure. */
  #cause: unknown;

  /** Without a clock nobody's answers are waited for with a limit. */
  constructor(
    faults: Faults,
    { log, clock, callMs = Infinity }: { readonly log?: Logger; readonly clock?: Clock; readonly callMs?: number } = {},
  ) {
    this.#faults = faults;
    this.#log = log;
    this.#clock = clock;
    this.#callMs = callMs;
  }

  /** A batch begins: whoever got through the one before is back. */
  next(): void {
    for (const [name, place] of this.#places) {
      if (place.failures === 0 || place.answeredIn !== this.#batch || place.failedIn === this.#batch) continue;
      place.failures = 0;
      this.#log?.info(`${name} is back.`);
    }
    this.#batch++;
  }

  isAway(name: string): boolean {
    const place = this.#places.get(name);
    return place !== undefined && (place.silent || place.until > this.#batch);
  }

  /** Throws what happened last if all of these are away: nobody is left to go on. */
  requireAny(names: readonly string[]): void {
    if (names.length > 0 && names.every((name) => this.isAway(name))) throw this.#cause;
  }

  /** The same seat, whose participant is asked through the attendance. */
  seated({ part, instance }: Seat): Seat {
    const call = <T>(what: string, work: () => Promise<T>): Promise<T> => this.call(part.name, what, work);
    const { learn, represent, describe } = instance;
    const asked: Participant = {
      attach: (attachment) => instance.attach(attachment),
      ...(learn && { learn: (...given) => call('learn', () => learn.apply(instance, given)) }),
      predict: (...given) => call('predict', async () => withoutNaN(await instance.predict(...given))),
      ...(represent && { represent: (...given) => call('represent', () => represent.apply(instance, given)) }),
      ...(describe && { describe: (...given) => call('describe', () => describe.apply(instance, given)) }),
      save: () => instance.save(),
      load: (state) => instance.load(state),
    };
    return { part, instance: asked };
  }

  /** The same strategy, asked through the attendance: no lessons while it, or one that it asks, is away. */
  attended(name: string, strategy: SharingStrategy): SharingStrategy {
    const { arrive } = strategy;
    return {
      ...(arrive && { arrive: (...given) => this.call(name, 'arrive', () => arrive.apply(strategy, given)) }),
      exchange: (...given) =>
        this.call(name, 'exchange', () => strategy.exchange(...given)).catch((error: unknown) => {
          if (error instanceof Away) return { lessons: [] };
          throw error;
        }),
      observe: (outcome) => strategy.observe?.(outcome),
      save: () => strategy.save(),
      load: (state) => strategy.load(state),
    };
  }

  /** Throws `Away` if it fails, whatever the reason. */
  async call<T>(name: string, what: string, work: () => Promise<T>): Promise<T> {
    if (this.isAway(name)) throw new Away(`${name} is away.`);
    const place = this.#places.get(name) ?? { failures: 0, until: 0, failedIn: -1, answeredIn: -1, silent: false };
    this.#places.set(name, place);
    try {
      const answer = await this.#inTime(place, work);
      place.answeredIn = this.#batch;
      return answer;
    } catch (error) {
      // Somebody it asked is away: that is noted already, and no fault of its own.
      if (!(error instanceof Away)) this.#failed(name, what, place, error);
      throw error instanceof Away ? error : new Away(`${name} is away.`, { cause: error });
    }
  }

  #failed(name: string, what: string, place: Place, error: unknown): void {
    this.#cause = error;
    if (place.failedIn !== this.#batch) place.failures++;
    place.failedIn = this.#batch;
    const pause = Math.min(2 ** (place.failures - 1), LONGEST_PAUSE);
    place.until = this.#batch + pause;
    const reason = error instanceof Error ? error.message : String(error);
    this.#faults.note(`${name}: ${what} fails`, `${name} fails to ${what} and is left out; the others go on.`, {
      reason,
      ...(error instanceof Error && { stack: error.stack }),
    });
  }

  async #inTime<T>(place: Place, work: () => Promise<T>): Promise<T> {
    if (!this.#clock || this.#callMs === Infinity) return work();
    const done = new AbortController();
    const running = work();
    const late = this.#clock.sleep(this.#callMs, done.signal).then(
      () => {
        place.silent = true;
        const back = (): void => void (place.silent = false);
        running.then(back, back);
        throw new Error(`no answer within ${this.#callMs} ms`);
      },
      // It was answered: the race is decided already.
      () => new Promise<never>(() => undefined),
    );
    try {
      return await Promise.race([running, late]);
    } finally {
      done.abort();
    }
  }
}

function withoutNaN(scores: Scores): Scores {
  // Every score of every event passes here: no call for each.
  for (let at = 0; at < scores.length; at++)
    if (Number.isNaN(scores[at])) throw new Error('its scores are not numbers');
  return scores;
}
