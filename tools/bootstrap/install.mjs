import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { withFolderLock } from './folder-lock.mjs';
import { pinnedNode, root } from './paths.mjs';

const stampFile = join(root, 'node_modules/.tandem-installed.json');

// Outside node_modules, which npm ci removes.
const lockFolder = join(root, '.cache/install.lock');

/**
 * Makes `node_modules` what `package-lock.json` says, by `npm ci` where it is not. The stamp is written last, so an
 * interrupted installation has none; one process at a time looks and installs.
 */
export async function ensureInstalled() {
  if (reasonToInstall() === undefined) return;
  await withFolderLock(lockFolder, async (signal) => {
    const reason = reasonToInstall();
    if (reason === undefined) return; // another process has just installed
    if (!npmInstalledThis()) {
      say(`installing dependencies by npm ci (${reason})`);
      const startedAt = Date.now();
      await npmCi(signal);
      say(`installed in ${Math.round((Date.now() - startedAt) / 1000)} s`);
    }
    if (!existsSync(pinnedNode))
      throw new Error(`npm installed no Node at ${pinnedNode}; remove node_modules and try again`);
    writeFileSync(stampFile, JSON.stringify(wantedStamp()));
  });
}

function wantedStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return {
    lock: createHash('sha256').update(lock).digest('hex'),
    platform: process.platform,
    arch: process.arch,
    node: JSON.parse(lock.toString()).packages['node_modules/node'].version,
  };
}

function reasonToInstall() {
  if (!existsSync(join(root, 'node_modules'))) return 'nothing is installed yet';
  const stamp = readJson(stampFile);
  if (stamp === undefined) return 'no finished installation found';
  const wanted = wantedStamp();
  const changed = Object.keys(wanted).filter((key) => stamp[key] !== wanted[key]);
  if (changed.length > 0) return `changed since the last installation: ${changed.join(', ')}`;
  return existsSync(pinnedNode) ? undefined : 'the pinned Node is missing';
}

/** Whether npm's own record, which it writes at the end, says that exactly this lock file is installed (after `npm install X`). */
function npmInstalledThis() {
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))?.packages;
  if (installed === undefined || !existsSync(pinnedNode)) return false;
  const wanted = Object.entries(readJson(join(root, 'package-lock.json')).packages);
  return wanted.every(([path, entry]) => {
    if (path === '') return true; // the root itself, which npm does not record
    return path in installed ? isDeepStrictEqual(installed[path], entry) : entry.optional === true;
  });
}

function npmCi(signal) {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts=false'];
  const npmCli = process.env.npm_execpath;
  const [command, ...first] = npmCli?.endsWith('npm-cli.js') ? [process.execPath, npmCli] : ['npm'];
  return new Promise((resolve, reject) => {
    const npm = spawn(command, [...first, ...args], {
      cwd: root,
      stdio: ['ignore', process.stderr, process.stderr],
      shell: process.platform === 'win32' && command === 'npm',
      signal,
    });
    npm.on('error', (error) =>
      reject(new Error(signal.aborted ? 'interrupted while installing' : `npm could not be started: ${error.message}`)),
    );
    npm.on('close', (code) => (code === 0 ? resolve() : reject(new Error('npm ci failed; its own message is above'))));
  });
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // absent or half written: as good as none
  }
}

function say(line) {
  console.error(`tandem: ${line}`);
}
