import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFolders } from '@tandem-rec/cotrainer';
import { gorseProgram } from './gorse-environment.ts';
import type { PeerLibrary } from './peer-settings.ts';
import { PROGRAMS } from './programs.ts';
import { lastLine, pythonEnvironment } from './python-environment.ts';

const run = promisify(execFile);

/** Libraries that share an environment of Python; the first is what the others build on. RecBole wants an older scipy. */
const PYTHONS: Readonly<Record<string, readonly PeerLibrary[]>> = {
  python: ['numpy', 'implicit', 'lightfm'],
  recbole: ['recbole'],
};

/** A peer that was asked for and is not there, and why. */
export interface MissingPeer {
  readonly peer: string;
  readonly reason: string;
}

export interface PeerEnvironments {
  /** What runs a library: an interpreter of Python that has it, or its program. */
  readonly programs: ReadonlyMap<PeerLibrary, string>;
  readonly missing: readonly MissingPeer[];
}

/** Installs what the libraries need into the cache folder. */
export async function peerEnvironments(
  libraries: readonly PeerLibrary[],
  note: (line: string) => void,
): Promise<PeerEnvironments> {
  const root = join(findFolders().cache, 'bench-peers');
  const programs = new Map<PeerLibrary, string>();
  const missing: MissingPeer[] = [];
  for (const [folder, own] of Object.entries(PYTHONS)) {
    const wanted = own.filter((library) => libraries.includes(library));
    if (wanted.length === 0) continue;
    try {
      const environment = await pythonEnvironment(join(root, folder), [...new Set([own[0], ...wanted])], note);
      for (const library of wanted) {
        const reason = environment.missing.get(own[0]) ?? environment.missing.get(library);
        if (reason === undefined) programs.set(library, environment.python);
        else missing.push({ peer: library, reason });
      }
    } catch (error) {
      missing.push({ peer: wanted.join(', '), reason: lastLine(error) });
    }
  }
  if (libraries.includes('gorse'))
    try {
      programs.set('gorse', await gorseProgram(join(root, 'gorse'), note));
    } catch (error) {
      missing.push({ peer: 'gorse', reason: lastLine(error) });
    }
  return { programs, missing };
}

const ONE_THREAD = Object.fromEntries(
  ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'GOMAXPROCS'].map((name) => [name, '1']),
);

/** Runs a program with one thread, and answers the line of JSON that it prints last. */
export async function jsonOf(program: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(program, [...args], { env: { ...process.env, ...ONE_THREAD }, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
}

/** One of our programs in Python, by an interpreter that has its library. */
export const pythonJson = (python: string, file: string, args: readonly string[]): Promise<Record<string, unknown>> =>
  jsonOf(python, [join(PROGRAMS, file), ...args]);
