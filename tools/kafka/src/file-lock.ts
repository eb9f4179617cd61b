import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait for another process that holds the lock: a first download of the jars can take minutes. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Runs `work` while holding the lock file `path`. A lock whose owner has died is taken over.
 *
 * @throws Error when another living process keeps the lock for ten minutes
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = performance.now() + PATIENCE_MS;
  while (!tryLock(path)) {
    if (performance.now() > deadline)
      throw new Error(`${path} is still held by process ${ownerOf(path) ?? '?'} after ten minutes`);
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = ownerOf(path);
  if (owner !== undefined && !isAlive(owner)) takeAway(path);
  return false;
}

/** Undefined while the owner has created the file and not yet written its id. */
function ownerOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** By rename, so that of two processes that see the same stale lock only one removes it. */
function takeAway(path: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch {
    // another process was faster
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
