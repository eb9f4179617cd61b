import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'tandem-bootstrap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bootstrap = join(import.meta.dirname, 'bootstrap.mjs');
const root = join(import.meta.dirname, '../..');

describe('bootstrap', () => {
  const entry = write(
    'entry.mjs',
    `const [what] = process.argv.slice(2);
     if (what === 'code') process.exit(7);
     if (what === 'die') process.kill(process.pid, 'SIGKILL');
     if (what === 'wait') process.on('SIGTERM', () => { console.log('asked to end'); process.exit(3); });
     console.log(JSON.stringify({ args: process.argv.slice(2), flags: process.execArgv, node: process.version }));
     if (what === 'wait') setInterval(() => {}, 1000);`,
  );

  it('runs an entry on the pinned Node from source, and leaves stdout to it', async () => {
    const { stdout } = await end(start(entry, 'a', '--b'));
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      devDependencies: { node: string };
    };
    expect(JSON.parse(stdout)).toEqual({
      args: ['a', '--b'],
      flags: ['--conditions=@tandem-rec/source', '--disable-warning=ExperimentalWarning'],
      node: `v${devDependencies.node}`,
    });
  });

  it('ends as the entry ends', async () => {
    expect(await end(start(entry, 'code'))).toMatchObject({ code: 7, signal: null });
    expect(await end(start(entry, 'die'))).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it('passes a request to end on and waits for the entry to follow it', async () => {
    const child = start(entry, 'wait');
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    expect(await end(child)).toMatchObject({ code: 3, stdout: 'asked to end\n' });
  });
});

describe('withFolderLock', () => {
  const lock = join(folder, 'some.lock');
  const holder = write(
    'holder.mjs',
    `import { withFolderLock } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.mjs'))};
     await withFolderLock(${JSON.stringify(lock)}, async () => {
       console.log('in', performance.timeOrigin + performance.now());
       await new Promise((resolve) => setTimeout(resolve, 300));
       console.log('out', performance.timeOrigin + performance.now());
     });`,
  );

  it('lets one process in at a time, past a holder that is dead', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'close');
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(dead.pid));

    const outputs = await Promise.all([1, 2, 3].map(() => end(spawn(process.execPath, [holder]))));
    const turns = outputs
      .map(({ stdout }) => [...stdout.matchAll(/[\d.]+/g)].map(Number))
      .sort((a, b) => a[0]! - b[0]!);
    expect(turns.map((turn) => turn.length)).toEqual([2, 2, 2]);
    expect(turns[0]![1]).toBeLessThanOrEqual(turns[1]![0]!);
    expect(turns[1]![1]).toBeLessThanOrEqual(turns[2]![0]!);
  });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function start(entry: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [bootstrap, relative(root, entry), ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
}

async function end(child: ChildProcess): Promise<{ code: number | null; signal: string | null; stdout: string }> {
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout };
}
