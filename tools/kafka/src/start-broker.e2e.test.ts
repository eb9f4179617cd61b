import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { requireOrSkip } from '@tandem-rec/testing';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { kafkaAvailable, runningPid, startBroker, stopBroker, type Broker } from './index.ts';

const kafka = requireOrSkip('kafka', kafkaAvailable());
const sasl = { username: 'alice', password: 'wonderland' };
let dataDir: string;
let broker: Broker;

function client(bootstrap = broker.bootstrap, password?: string): Kafka {
  return new Kafka({
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50 },
    ...(password === undefined ? {} : { sasl: { mechanism: 'plain', username: sasl.username, password } }),
  });
}

async function produce(values: readonly string[]): Promise<void> {
  const producer = client().producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic: 'letters', messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

async function consume(count: number): Promise<string[]> {
  const consumer = client().consumer({ groupId: `readers-${count}`, sessionTimeout: 6000 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'letters', fromBeginning: true });
  const values: string[] = [];
  await consumer.run({ eachMessage: async ({ message }) => void values.push(message.value!.toString()) });
  while (values.length < count) await sleep(20);
  await consumer.disconnect();
  return values;
}

describe.skipIf(!kafka.available)('the broker', () => {
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'tandem-kafka-test-'));
    broker = await startBroker({ dataDir, sasl });
  }, 300_000);

  afterAll(async () => {
    await broker?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('takes a topic and messages, and hands them out', async () => {
    const admin = client().admin();
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic: 'letters', numPartitions: 1 }] })).toBe(true);
    await admin.disconnect();

    await produce(['a', 'b', 'c']);

    expect(await consume(3)).toEqual(['a', 'b', 'c']);
  }, 240_000);

  it('keeps data and address over a kill -9', async () => {
    const { bootstrap, pid } = broker;
    await broker.kill();
    expect(runningPid(dataDir)).toBeUndefined();
    await expect(produce(['lost'])).rejects.toThrow();

    await broker.restart();

    expect(broker.bootstrap).toBe(bootstrap);
    expect(broker.pid).not.toBe(pid);
    await produce(['d']);
    expect(await consume(4)).toEqual(['a', 'b', 'c', 'd']);
  }, 240_000);

  it('dies with the process that started it, even by kill -9', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-kafka-test-'));
    const index = fileURLToPath(new URL('./index.ts', import.meta.url));
    const script = `const { startBroker } = await import(${JSON.stringify(index)}); await startBroker({ dataDir: ${JSON.stringify(folder)} }); console.log('up'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(runningPid(folder)).toBeDefined();

    child.kill('SIGKILL');

    for (let waited = 0; waited < 30_000 && runningPid(folder) !== undefined; waited += 50) await sleep(50);
    expect(runningPid(folder)).toBeUndefined();
    rmSync(folder, { recursive: true, force: true });
  }, 240_000);

  it('refuses a second broker on its data directory', async () => {
    await expect(startBroker({ dataDir })).rejects.toThrow(/uses .* would destroy its metadata/);
  });

  it('lets in who has the password, by PLAIN, and nobody else', async () => {
    const right = client(broker.saslBootstrap, sasl.password).admin();
    await right.connect();
    expect(await right.listTopics()).toContain('letters');
    await right.disconnect();

    await expect(client(broker.saslBootstrap, 'guess').admin().connect()).rejects.toThrow(/SASL|Authentication/i);
  }, 240_000);
});

describe.skipIf(!kafka.available)('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-kafka-test-'));
  const command = (...args: string[]) => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    return spawnSync(process.execPath, [main, ...args, '--data-dir', folder], { encoding: 'utf8' });
  };

  afterAll(async () => {
    await stopBroker(folder);
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts a broker that outlives it, reports it and stops it', async () => {
    expect(command('status').status).toBe(3);

    const started = JSON.parse(command('start', '--port', '14987', '--json').stdout) as {
      pid: number;
      bootstrap: string;
    };
    expect(started.bootstrap).toBe('127.0.0.1:14987');
    expect(runningPid(folder)).toBe(started.pid);

    const status = command('status', '--json');
    expect(status.status).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ running: true, pid: started.pid });

    expect(command('stop').stdout).toBe('stopped\n');
    expect(runningPid(folder)).toBeUndefined();
  }, 240_000);

  it('explains itself', () => {
    expect(command('--help').stdout).toContain('npm run kafka -- start');
    const wrong = command('strat');
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain("unknown command 'strat'; allowed: start, stop, status");
  });
});
