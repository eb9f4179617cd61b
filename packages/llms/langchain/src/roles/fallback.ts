import { TandemError, type ErrorCode, type Logger } from '@tandem-rec/contract';

/** What the rest of a pipeline need not suffer from. Who meets it has said so, but for answers without use. */
const BORNE: ReadonlySet<ErrorCode> = new Set([
  'TANDEM_MODEL_UNAVAILABLE',
  'TANDEM_MODEL_ANSWER_INVALID',
  'TANDEM_BUDGET_SPENT',
]);

/** Goes on with something else where hosted models fail. The first useless answer is a warning, the others are for debugging. */
export class Fallback {
  readonly #log: Logger;
  #warned = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  async orElse<T>(act: () => Promise<T>, instead: () => T): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!TandemError.is(error) || !BORNE.has(error.code)) throw error;
      if (error.code === 'TANDEM_MODEL_ANSWER_INVALID') this.#say(error);
      return instead();
    }
  }

  #say({ message, code }: TandemError): void {
    if (this.#warned) this.#log.debug('An answer of a hosted model is of no use', { code, reason: message });
    else this.#log.warn('An answer of a hosted model is of no use: going on without it', { code, reason: message });
    this.#warned = true;
  }
}
