import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { root } from './paths.mjs';

// Outside node_modules, which npm ci removes.
const lock = join(root, '.cache/install.lock');

const HEARTBEAT_MS = 1_000;
const STALE_MS = 20_000;
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs `act` while no other process of this repository does. A holder that died or fell silent is passed over.
 * `act` gets a signal that says when this process is asked to end.
 */
export async function withInstallLock(act) {
  await acquire();
  const heartbeat = setInterval(keepFresh, HEARTBEAT_MS);
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of ENDING) process.on(signal, end);
  try {
    return await act(ending.signal);
  } finally {
    for (const signal of ENDING) process.off(signal, end);
    clearInterval(heartbeat);
    if (holder() === process.pid) rmSync(lock, { recursive: true, force: true });
  }
}

async function acquire() {
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (let waited = 0; ; waited += 1) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isStale()) removeStale();
    else if (waited === 0) console.error('tandem: waiting for another process that installs dependencies');
    await sleep(250);
  }
}

function isStale() {
  try {
    const pid = holder();
    return isSilent(lock) || (pid !== undefined && !isAlive(pid));
  } catch {
    return false; // released meanwhile
  }
}

/** Two waiters may see the same stale lock, and the slower one must not remove the lock that the faster one took. */
function removeStale() {
  const removing = `${lock}.removing`;
  try {
    mkdirSync(removing);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (existsSync(removing) && isSilent(removing)) rmSync(removing, { recursive: true, force: true });
    return;
  }
  try {
    if (isStale()) rmSync(lock, { recursive: true, force: true });
  } finally {
    rmSync(removing, { recursive: true, force: true });
  }
}

function isSilent(folder) {
  return Date.now() - statSync(folder).mtimeMs > STALE_MS;
}

function keepFresh() {
  if (holder() === process.pid) utimesSync(lock, new Date(), new Date());
}

function holder() {
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
