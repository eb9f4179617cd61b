import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

import { pinnedNode, root } from './paths.mjs';

/** Lets packages of this repository import each other's TypeScript sources: nothing needs to be built. */
const SOURCE_FLAGS = ['--conditions=@tandem-rec/source', '--disable-warning=ExperimentalWarning'];

/**
 * Runs an entry on the pinned Node as a child that owns the terminal, passes signals on to it, and ends as it ends:
 * with its exit code, or by its signal.
 */
export function runPinnedNode(entry, args) {
  const child = spawn(pinnedNode, [...SOURCE_FLAGS, join(root, entry), ...args], {
    stdio: 'inherit',
    // Tools that start `node` get the pinned one too.
    env: { ...process.env, PATH: join(root, 'node_modules/.bin') + delimiter + process.env.PATH },
  });

  // A terminal sends Ctrl-C to the whole process group: passing it on would make it two, and two mean "at once".
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const handlers = {
    SIGINT: () => terminal || child.kill('SIGINT'),
    SIGTERM: () => child.kill('SIGTERM'),
    SIGHUP: () => child.kill('SIGHUP'),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);

  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
      if (signal === null) process.exitCode = code;
      else process.kill(process.pid, signal);
      resolve();
    });
  });
}
