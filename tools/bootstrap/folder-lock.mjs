import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 1_000;
const STALE_MS = 20_000;
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs `act` while no other process does that uses the same folder as its lock. A holder that died or fell silent is
 * passed over. `act` gets a signal that says when this process is asked to end.
 */
export async function withFolderLock(lock, act) {
  await acquire(lock);
  const heartbeat = setInterval(() => keepFresh(lock), HEARTBEAT_MS);
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of ENDING) process.on(signal, end);
  try {
    return await act(ending.signal);
  } finally {
    for (const signal of ENDING) process.off(signal, end);
    clearInterval(heartbeat);
    if (holder(lock) === process.pid) rmSync(lock, { recursive: true, force: true });
  }
}

async function acquire(lock) {
  mkdirSync(dirname(lock), { recursive: true });
  for (let waited = 0; ; waited += 1) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isStale(lock)) removeStale(lock);
    else if (waited === 0) console.error(`tandem: waiting for another process that installs dependencies (${lock})`);
    await sleep(250);
  }
}

function isStale(lock) {
  try {
    const pid = holder(lock);
    return isSilent(lock) || (pid !== undefined && !isAlive(pid));
  } catch {
    return false; // released meanwhile
  }
}

/** Two waiters may see the same stale lock, and the slower one must not remove the lock that the faster one took. */
function removeStale(lock) {
  const removing = `${lock}.removing`;
  try {
    mkdirSync(removing);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (existsSync(removing) && isSilent(removing)) rmSync(removing, { recursive: true, force: true });
    return;
  }
  try {
    if (isStale(lock)) rmSync(lock, { recursive: true, force: true });
  } finally {
    rmSync(removing, { recursive: true, force: true });
  }
}

function isSilent(folder) {
  return Date.now() - statSync(folder).mtimeMs > STALE_MS;
}

function keepFresh(lock) {
  if (holder(lock) === process.pid) utimesSync(lock, new Date(), new Date());
}

function holder(lock) {
  try {
    return Number(readFileSync(join(lock, 'pid'), 'utf8')) || undefined;
  } catch {
    return undefined; // released, or taken in this moment
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
