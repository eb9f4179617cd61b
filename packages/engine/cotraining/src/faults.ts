import type { Logger } from '@tandem-rec/contract';

/** Counts what went wrong without ending the run, by who and what, and says each kind in the log once. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #log: Logger | undefined;

  constructor(log?: Logger) {
    this.#log = log;
  }

  /** `what` names a kind of fault, for example `words: predict fails`; `message` is logged when it is met first. */
  note(what: string, message: string, facts?: Readonly<Record<string, unknown>>): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    if (this.counts[what] === 1) this.#log?.warn(message, facts);
  }
}
