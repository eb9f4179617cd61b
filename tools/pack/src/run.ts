import { spawn } from 'node:child_process';

import { root } from './workspace-package.ts';

/** Runs a program in the repository's root and answers what it wrote to stdout; all it wrote is in the error where it fails. */
export function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(stdout).toString());
      else
        reject(
          new Error(`${command} ${args[0]} ended with ${code}\n${Buffer.concat([...stdout, ...stderr]).toString()}`),
        );
    });
  });
}
