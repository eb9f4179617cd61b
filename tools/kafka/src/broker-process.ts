import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { javaCommand } from './kafka-available.ts';

/** Small on purpose: 165 to 214 MB resident. */
const JVM = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:MaxDirectMemorySize=128m',
  '-XX:ReservedCodeCacheSize=64m',
  '-Djava.awt.headless=true',
];

export interface JavaRun {
  readonly jars: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly jvm?: readonly string[];
}

/** The arguments of a Java process with the small heap that suits a test broker. */
export function javaArguments({ jars, mainClass, args, jvm = [] }: JavaRun): string[] {
  return [...JVM, ...jvm, '-cp', `${jars}/*`, mainClass, ...args];
}

/** A started JVM. */
export interface BrokerProcess {
  readonly pid: number;
  /** Call when the JVM has ended: lets go of what watches over it. */
  release(): void;
}

/**
 * Starts the broker's JVM, its output appended to `logFile`.
 *
 * @param leash whether the broker dies with this process, however this process ends
 */
export function spawnBroker(run: JavaRun, propertiesFile: string, logFile: string, leash: boolean): BrokerProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(javaCommand(), javaArguments(run), { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', () => {}); // a JVM that did not start has no process id
  child.unref();
  if (child.pid === undefined) throw new Error(`could not run ${javaCommand()}`);
  return { pid: child.pid, release: leash ? leashTo(child.pid, propertiesFile) : () => {} };
}

/** A shell waits for the end of its standard input, which comes when this process ends, even by kill -9; then it kills the broker. */
function leashTo(pid: number, propertiesFile: string): () => void {
  const script = 'read -r _; case "$(ps -o command= -p "$1")" in *"$2"*) kill -9 "$1";; esac';
  const shell = spawn('sh', ['-c', script, 'sh', String(pid), propertiesFile], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => {});
  shell.unref();
  (shell.stdin as Socket).unref();
  return () => shell.kill('SIGKILL');
}

/** Whether process `pid` is the broker that was started with `propertiesFile`. A process id alone may belong to anyone by now. */
export function isBroker(pid: number, propertiesFile: string): boolean {
  return commandOf(pid).includes(propertiesFile);
}

/** Sends `signal` to the broker, if it is the broker, and waits until it is gone; insists with SIGKILL after `patienceMs`. */
export async function endBroker(
  pid: number,
  propertiesFile: string,
  signal: 'SIGTERM' | 'SIGKILL',
  patienceMs = 15_000,
): Promise<void> {
  if (!isBroker(pid, propertiesFile)) return;
  process.kill(pid, signal);
  const deadline = performance.now() + patienceMs;
  while (isBroker(pid, propertiesFile)) {
    if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
    await sleep(20);
  }
}

/** The command line of a process; empty for one that is gone or a zombie. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
