import { fork } from 'node:child_process';

/** What a program of ours sends first, in a process of its own. Throws if it ends before. */
export function forked<T>(program: string, args: readonly string[], what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = fork(program, args);
    child.on('message', (answer) => resolve(answer as T));
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      reject(new Error(`The process of ${what} ended with ${signal ?? code} and without a result.`)),
    );
  });
}
