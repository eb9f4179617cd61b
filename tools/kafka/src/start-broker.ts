import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { endBroker, isBroker, javaArguments, spawnBroker, type BrokerProcess } from './broker-process.ts';
import { answersMetadata } from './broker-ready.ts';
import { logFile, propertiesFile, readRecord, runningPid, writeRecord, type BrokerAddresses } from './broker-record.ts';
import { withFileLock } from './file-lock.ts';
import { freePorts } from './free-ports.ts';
import { javaCommand, kafkaAvailable } from './kafka-available.ts';
import { provideJars } from './kafka-jars.ts';
import { LOG4J_PROPERTIES, serverProperties, type BrokerPorts, type SaslUser } from './server-properties.ts';
import { tlsFiles, type TlsFiles } from './tls-files.ts';

export interface BrokerOptions {
  /** Kept after `stop`, ports included. Default: a temporary folder that `stop` removes. */
  readonly dataDir?: string;
  /** Receives a line for each step that takes long. Default: silence. */
  readonly log?: (line: string) => void;
  /** Opens a second listener (SASL_PLAINTEXT) for this user, with PLAIN and both SCRAM mechanisms. */
  readonly sasl?: SaslUser;
  /** Opens another listener (SSL) with a self-signed certificate. */
  readonly tls?: boolean;
  /** Of the plain listener. Default: a free one, or the one the data directory has used before. */
  readonly port?: number;
  /** Lines for `server.properties`, over the defaults. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Whether the broker outlives this process. Default false: it is killed however this process ends. */
  readonly outlive?: boolean;
}

/** A running broker. */
export interface Broker extends BrokerAddresses {
  /** Of the JVM; another one after `restart`. */
  readonly pid: number;
  readonly dataDir: string;
  /** Clean shutdown; removes the data directory if it was a temporary one. */
  stop(): Promise<void>;
  /** Clean shutdown that keeps everything for `restart`. */
  pause(): Promise<void>;
  /** `kill -9`; the data stay for `restart`. */
  kill(): Promise<void>;
  /** On the same data and ports. Stops a running broker cleanly first. */
  restart(): Promise<void>;
}

/** Generous: 4 s on a quiet machine, 13 s on a loaded one. */
const START_WITHIN_MS = 90_000;

/**
 * Starts a real single-node Kafka broker on 127.0.0.1 and resolves when it answers.
 *
 * @throws Error when Java, or Maven and the jars, are missing ({@link kafkaAvailable} says so beforehand); when another
 *   broker uses the data directory; or when the broker ends or does not answer within 90 s, with its last log lines
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { available, reason } = kafkaAvailable();
  if (!available) throw new Error(`Kafka cannot run here: ${reason}`);
  const log = options.log ?? (() => {});
  const jars = await provideJars(log);
  const dataDir = resolve(options.dataDir ?? mkdtempSync(join(tmpdir(), 'tandem-kafka-')));
  mkdirSync(dataDir, { recursive: true });

  const ports = await choosePorts(dataDir, options.port);
  const certificates = options.tls === true ? tlsFiles(dataDir) : undefined;
  const addresses = {
    bootstrap: `127.0.0.1:${ports.plaintext}`,
    ...(options.sasl === undefined ? {} : { saslBootstrap: `127.0.0.1:${ports.sasl}` }),
    ...(certificates === undefined
      ? {}
      : { tls: { bootstrap: `127.0.0.1:${ports.tls}`, caFile: certificates.caFile } }),
  };
  let running: BrokerProcess;

  const start = (): Promise<void> =>
    withFileLock(join(dataDir, 'starting.lock'), async () => {
      const other = runningPid(dataDir);
      if (other !== undefined)
        throw new Error(
          `the broker of process ${other} uses ${dataDir}: two on one directory would destroy its metadata`,
        );
      await prepare(dataDir, ports, jars, certificates, options);
      const log4j = `-Dlog4j2.configurationFile=file:${join(dataDir, 'log4j2.properties')}`;
      const run = { jars, mainClass: 'kafka.Kafka', args: [propertiesFile(dataDir)], jvm: [log4j] };
      running = spawnBroker(run, propertiesFile(dataDir), logFile(dataDir), options.outlive !== true);
      writeRecord(dataDir, { pid: running.pid, ports, ...addresses });
      log(`starting the broker (process ${running.pid}) on ${addresses.bootstrap}`);
      await untilReady(running.pid, dataDir, ports.plaintext);
    });

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await endBroker(running.pid, propertiesFile(dataDir), signal);
    running.release();
  };

  try {
    await start();
  } catch (error) {
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }

  return {
    ...addresses,
    dataDir,
    get pid() {
      return running.pid;
    },
    async stop() {
      await end('SIGTERM');
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
    pause: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      await start();
    },
  };
}

/** Stops whatever broker uses `dataDir`, whoever started it. Resolves to whether there was one. */
export async function stopBroker(dataDir: string): Promise<boolean> {
  const folder = resolve(dataDir);
  const pid = runningPid(folder);
  if (pid === undefined) return false;
  await endBroker(pid, propertiesFile(folder), 'SIGTERM');
  return true;
}

async function choosePorts(dataDir: string, wanted: number | undefined): Promise<BrokerPorts> {
  const before = readRecord(dataDir)?.ports;
  if (before !== undefined) return { ...before, plaintext: wanted ?? before.plaintext };
  const [plaintext, controller, sasl, tls] = (await freePorts(4)) as [number, number, number, number];
  return { plaintext: wanted ?? plaintext, controller, sasl, tls };
}

async function prepare(
  dataDir: string,
  ports: BrokerPorts,
  jars: string,
  tls: TlsFiles | undefined,
  options: BrokerOptions,
): Promise<void> {
  const logFolder = join(dataDir, 'logs');
  const text = serverProperties({
    ports,
    logFolder,
    sasl: options.sasl,
    keyStore: tls?.keyStore,
    overrides: options.properties ?? {},
  });
  writeFileSync(propertiesFile(dataDir), text, { mode: 0o600 });
  writeFileSync(join(dataDir, 'log4j2.properties'), LOG4J_PROPERTIES);
  if (!existsSync(join(logFolder, 'meta.properties'))) await format(dataDir, jars, options.sasl);
}

async function format(dataDir: string, jars: string, sasl: SaslUser | undefined): Promise<void> {
  const clusterId = randomBytes(16).toString('base64url');
  const scram =
    sasl === undefined
      ? []
      : ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
          '-S',
          `${mechanism}=[name=${sasl.username},password=${sasl.password}]`,
        ]);
  // With `=`: the id may begin with a dash.
  const args = ['format', `--cluster-id=${clusterId}`, '-c', propertiesFile(dataDir), ...scram];
  await promisify(execFile)(javaCommand(), javaArguments({ jars, mainClass: 'kafka.tools.StorageTool', args }));
}

async function untilReady(pid: number, dataDir: string, port: number): Promise<void> {
  const deadline = performance.now() + START_WITHIN_MS;
  while (!(await answersMetadata(port, 1000))) {
    // `isBroker` may be false for an instant while the JVM's process starts: a dead one stays so.
    if (!isBroker(pid, propertiesFile(dataDir)) && (await stillGone(pid, dataDir))) {
      throw new Error(`the broker ended while starting:\n${lastLines(dataDir)}`);
    }
    if (performance.now() > deadline) {
      await endBroker(pid, propertiesFile(dataDir), 'SIGKILL');
      throw new Error(`the broker does not answer after ${START_WITHIN_MS / 1000} s:\n${lastLines(dataDir)}`);
    }
    await sleep(50);
  }
}

async function stillGone(pid: number, dataDir: string): Promise<boolean> {
  await sleep(200);
  return !isBroker(pid, propertiesFile(dataDir));
}

function lastLines(dataDir: string): string {
  return readFileSync(logFile(dataDir), 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
