import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isBroker } from './broker-process.ts';
import type { BrokerPorts } from './server-properties.ts';

/** Where clients find a broker. */
export interface BrokerAddresses {
  /** `127.0.0.1:PORT` of the plain listener. */
  readonly bootstrap: string;
  /** `127.0.0.1:PORT` of the SASL listener, where one was asked for. */
  readonly saslBootstrap?: string;
  /** Address and certificate (PEM file) of the TLS listener, where one was asked for. */
  readonly tls?: { readonly bootstrap: string; readonly caFile: string };
}

/** What a data directory remembers of its broker, in `broker.json`: the lock of the directory and the way to the process. */
export interface BrokerRecord extends BrokerAddresses {
  /** Of the last JVM started here; see {@link runningPid} for whether it lives. */
  readonly pid: number;
  readonly ports: BrokerPorts;
}

export function propertiesFile(dataDir: string): string {
  return join(dataDir, 'server.properties');
}

export function logFile(dataDir: string): string {
  return join(dataDir, 'broker.log');
}

/** Undefined where no broker has ever been started. */
export function readRecord(dataDir: string): BrokerRecord | undefined {
  const file = join(dataDir, 'broker.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BrokerRecord) : undefined;
}

export function writeRecord(dataDir: string, record: BrokerRecord): void {
  const file = join(dataDir, 'broker.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** The process id of the broker that uses `dataDir` now, whoever started it; undefined when none does. */
export function runningPid(dataDir: string): number | undefined {
  const pid = readRecord(dataDir)?.pid;
  return pid !== undefined && isBroker(pid, propertiesFile(dataDir)) ? pid : undefined;
}
