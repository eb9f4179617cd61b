import { fork } from 'node:child_process';
import { ERRORS, TandemError, type ErrorCode } from '@tandem-rec/contract';
import { moduleBeside } from '../module-beside.ts';
import type { FromRun, RunOrder, RunProgress } from './run-messages.ts';
import type { RunResult } from './run-result.ts';

const ENTRY = moduleBeside(import.meta, 'run-entry');

/**
 * Trains in a process of its own and answers what it found. Rejects with what went wrong there, or, once the signal aborts,
 * with its reason: the process is then asked to end and, if it does not soon, killed.
 */
export function forkRun(
  order: RunOrder,
  signal: AbortSignal,
  heard: { readonly onProgress: (progress: RunProgress) => void; readonly note: (line: string) => void },
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = fork(ENTRY, [], { serialization: 'advanced' });
    const name = `${order.about.run}, seed ${order.about.seed}`;
    let killing: NodeJS.Timeout | undefined;
    const end = (): void => {
      child.kill('SIGTERM');
      killing = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    signal.addEventListener('abort', end, { once: true });
    child.on('message', (message: FromRun) => {
      if (message.kind === 'progress') heard.onProgress(message.progress);
      else if (message.kind === 'note') heard.note(`${name}: ${message.line}`);
      else if (message.kind === 'result') resolve(message.result);
      else reject(signal.aborted ? (signal.reason as Error) : failure(name, message));
    });
    child.on('error', reject);
    child.on('exit', (code, by) => {
      clearTimeout(killing);
      signal.removeEventListener('abort', end);
      reject(
        signal.aborted
          ? (signal.reason as Error)
          : by
            ? new TandemError('TANDEM_TRAINING_KILLED', `${name}: its process was ended by ${by}.`)
            : new Error(`The process of ${name} ended with ${code} and without a result.`),
      );
    });
    // Where it has ended already, its exit says so.
    child.send(order, () => {});
  });
}

const GRACE_MS = 5000;

function failure(name: string, { code, message, remedy }: Extract<FromRun, { kind: 'failed' }>): Error {
  return code !== undefined && code in ERRORS
    ? new TandemError(code as ErrorCode, `${name}: ${message}`, remedy === undefined ? {} : { remedy })
    : new Error(`${name}: ${message}`);
}
