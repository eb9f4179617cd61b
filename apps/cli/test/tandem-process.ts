import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const FLAGS = ['--conditions=@tandem-rec/source', '--disable-warning=ExperimentalWarning'];

/** How a process ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as a process of its own, as a user runs it. */
export class TandemProcess {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #out = '';
  #err = '';

  /** `env` is added to this process's environment; `largestFileKiB`: writing beyond fails, as on a full disk. */
  constructor(
    folder: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    largestFileKiB?: number,
  ) {
    // FORCE_COLOR would make errors of Commander unreadable for tests; TANDEM_DEBUG would show stack traces.
    const { FORCE_COLOR: _, TANDEM_DEBUG: __, ...inherited } = process.env;
    const command = [process.execPath, ...FLAGS, MAIN, ...args];
    // Without the trap the system would end the process by a signal.
    const [file, ...rest] =
      largestFileKiB === undefined
        ? command
        : ['sh', '-c', `trap '' XFSZ; ulimit -f ${2 * largestFileKiB}; exec "$@"`, 'sh', ...command];
    this.#child = spawn(file, rest, {
      cwd: folder,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#out += text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#err += text));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => resolve({ code, signal, out: this.#out, err: this.#err }));
    });
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it wrote to standard error so far. */
  get err(): string {
    return this.#err;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once `when` holds, or the process has ended. Looked at every few milliseconds. */
  async until(when: () => boolean): Promise<void> {
    let over = false;
    void this.ended.then(() => (over = true));
    while (!over && !when()) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Runs a command to its end. */
export const runTandem = (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => new TandemProcess(folder, args, env).ended;
