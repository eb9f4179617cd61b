import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { onTestFinished, vi } from 'vitest';

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a command wrote. */
export interface Written {
  readonly out: string;
  readonly err: string;
  /** What `--json` holds, if the command was asked for it. */
  readonly json: unknown;
}

/** Runs one command in this process, with `--json` into a file. Rejects as the command does. */
export async function runCommand(command: Command, args: readonly string[], { json = true } = {}): Promise<Written> {
  const file = join(temporaryFolder(), 'out.json');
  const out: string[] = [];
  const err: string[] = [];
  const spies = [capture(process.stdout, out), capture(process.stderr, err)];
  try {
    const program = new Command('tandem').addCommand(command.exitOverride());
    await program
      .exitOverride()
      .parseAsync([command.name(), ...args, ...(json ? ['--json', file] : [])], { from: 'user' });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return { out: out.join(''), err: err.join(''), json: json ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
}

function capture(stream: NodeJS.WriteStream, into: string[]): { mockRestore(): void } {
  return vi.spyOn(stream, 'write').mockImplementation((chunk: string | Uint8Array) => {
    into.push(String(chunk));
    return true;
  });
}
