import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/run-command.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

function tandem(...args: readonly string[]) {
  const child = spawn(process.execPath, [...process.execArgv, MAIN, ...args]);
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => err.push(String(chunk)));
  return {
    child,
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal, out: out.join(''), err: err.join('') })),
  };
}

const WORLD = [
  'syntheticWorld',
  '--dataset-option',
  'users=20',
  '--dataset-option',
  'items=50',
  '--dataset-option',
  'events=300',
];

it('ends cleanly with Ctrl-C and says what was sent', async () => {
  const log = join(temporaryFolder(), 'log.sqlite');
  const { child, ended } = tandem(
    'replay',
    ...WORLD,
    '--to',
    'eventLog',
    '--source-option',
    `file=${log}`,
    '--speed',
    '20',
    '--json',
    '-',
  );
  while (!existsSync(log) && child.exitCode === null) await sleep(50);
  await sleep(500);
  child.kill('SIGINT');
  const { code, out, err } = await ended;
  expect(code).toBe(0);
  expect(err).toMatch(/Interrupted after \d+ interactions/);
  // Standard output is the JSON's alone.
  const { finished, interactions, items } = JSON.parse(out) as {
    readonly finished: boolean;
    readonly interactions: number;
    readonly items: number;
  };
  expect(finished).toBe(false);
  expect(interactions + items).toBeGreaterThan(0);
  expect(interactions + items).toBeLessThan(300);
});

it('gives up a broker that is away when it is told to', async () => {
  const { child, ended } = tandem(
    'replay',
    ...WORLD,
    '--to',
    'kafka',
    '--source-option',
    'topic=t',
    '--source-option',
    'brokers=["127.0.0.1:1"]',
  );
  await sleep(4000);
  expect(child.exitCode, 'it waits for the broker').toBeNull();
  child.kill('SIGINT');
  const { code, err, out } = await ended;
  expect(code).toBe(0);
  expect(out).toContain('Interrupted after 0 interactions');
  expect(err).toMatch(/kafka: .*127\.0\.0\.1:1/);
  expect(err).not.toMatch(/\n\s+at /);
});

it('tells a mistake without a stack trace, and ends with a code of its own', async () => {
  const unknown = await tandem('replay', 'movielens', '--to', 'eventLog').ended;
  expect(unknown.code).toBe(1);
  expect(unknown.err).toMatch(/TANDEM_CONFIG_INVALID[^]*No installed dataset-reader is called "movielens"/);
  expect(unknown.err).not.toMatch(/\n\s+at /);
  const usage = await tandem('replay', ...WORLD, '--to', 'eventLog', '--speed', 'warp').ended;
  expect(usage.code).toBe(2);
  expect(usage.err).toContain('realtime×60');
});
