/**
 * Runs work that Ctrl-C and SIGTERM ask to end cleanly, through its signal. The second time the process ends at once, as if
 * it had been killed: the journal repeats what no checkpoint holds.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const control = new AbortController();
  const interrupt = (): void => {
    if (control.signal.aborted) process.exit(130);
    control.abort(new Error('Interrupted.'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(control.signal);
  } catch (error) {
    if (error !== control.signal.reason) throw error;
    throw new Interrupted();
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** The work ended because it was asked to. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.');
  }
}
