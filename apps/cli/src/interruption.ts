/**
 * A signal that aborts with the first Ctrl-C (or SIGTERM), so that a command can end cleanly. A second one ends the
 * process at once, as usual; so does one after disposal.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #interrupt = (): void => {
    this[Symbol.dispose]();
    this.#controller.abort(new Error('Interrupted.'));
  };

  constructor() {
    process.on('SIGINT', this.#interrupt);
    process.on('SIGTERM', this.#interrupt);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#interrupt);
    process.off('SIGTERM', this.#interrupt);
  }
}
