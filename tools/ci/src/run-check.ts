import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Checked {
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs an entry of this repository on this Node, with the flags that this process has, and keeps what it writes. */
export function runCheck(entry: string, args: readonly string[]): Promise<Checked> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, entry, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        ok: code === 0,
        seconds: (performance.now() - startedAt) / 1000,
        output: Buffer.concat(output).toString(),
      }),
    );
  });
}
