#!/usr/bin/env -S node --conditions=@tandem-rec/source --disable-warning=ExperimentalWarning
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { kafkaAvailable, kafkaCache, readRecord, runningPid, startBroker, stopBroker } from './index.ts';

const HELP = `A real single-node Kafka broker on this machine, without docker (needs Java 17 or later, and Maven once).

Usage: npm run kafka -- start|stop|status [options]

  start     starts the broker in the background, or says where it runs already
  stop      stops it; its data stay
  status    says whether it runs (exit code 0) or not (exit code 3)

Options
  --data-dir DIR        where its data and log live (default ${join('<cache>', 'broker')})
  --port PORT           of the plain listener (default 9092 for a new directory; else the port used before)
  --create-topics       lets clients create topics by using them
  --sasl-user NAME      opens a SASL listener for this user; the password is read from TANDEM_KAFKA_PASSWORD
  --tls                 opens a TLS listener with a self-signed certificate
  --json                the answer as JSON on standard output
  --help                this text

Environment: TANDEM_KAFKA_CACHE (default \${XDG_CACHE_HOME:-~/.cache}/tandem/kafka), JAVA_HOME.

Example
  npm run kafka -- start --create-topics
  npm run kafka -- stop
`;

const NOT_RUNNING = 3;

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`kafka: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string' },
      port: { type: 'string' },
      'create-topics': { type: 'boolean' },
      'sasl-user': { type: 'string' },
      tls: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [command] = positionals;
  if (values.help === true || command === undefined) {
    process.stdout.write(HELP);
    return values.help === true ? 0 : 2;
  }
  const dataDir = values['data-dir'] ?? join(kafkaCache(), 'broker');
  const answer = (text: string, json: object): void => {
    process.stdout.write(values.json === true ? `${JSON.stringify(json)}\n` : `${text}\n`);
  };

  switch (command) {
    case 'start': {
      if (runningPid(dataDir) === undefined) {
        const user = values['sasl-user'];
        const broker = await startBroker({
          dataDir,
          outlive: true,
          port: values.port === undefined ? (readRecord(dataDir)?.ports.plaintext ?? 9092) : portOf(values.port),
          log: (line) => process.stderr.write(`${line}\n`),
          ...(user === undefined ? {} : { sasl: { username: user, password: passwordFromEnvironment() } }),
          ...(values.tls === true ? { tls: true } : {}),
          ...(values['create-topics'] === true ? { properties: { 'auto.create.topics.enable': 'true' } } : {}),
        });
        answer(describe(broker.pid, dataDir), status(dataDir));
      } else answer(describe(runningPid(dataDir), dataDir), status(dataDir));
      return 0;
    }
    case 'stop': {
      const stopped = await stopBroker(dataDir);
      answer(stopped ? 'stopped' : 'was not running', { running: false, stopped });
      return 0;
    }
    case 'status': {
      const pid = runningPid(dataDir);
      answer(describe(pid, dataDir), status(dataDir));
      return pid === undefined ? NOT_RUNNING : 0;
    }
    default:
      throw new Error(`unknown command '${command}'; allowed: start, stop, status`);
  }
}

function status(dataDir: string): object {
  const pid = runningPid(dataDir);
  const { ports: _, pid: __, ...addresses } = readRecord(dataDir) ?? { ports: undefined, pid: undefined };
  return pid === undefined
    ? { running: false, dataDir, ...kafkaAvailable() }
    : { running: true, dataDir, pid, ...addresses };
}

function describe(pid: number | undefined, dataDir: string): string {
  if (pid === undefined) return `not running (${kafkaAvailable().reason})`;
  const { bootstrap, saslBootstrap, tls } = readRecord(dataDir)!;
  return [
    `running as process ${pid}`,
    `  PLAINTEXT       ${bootstrap}`,
    ...(saslBootstrap === undefined ? [] : [`  SASL_PLAINTEXT  ${saslBootstrap}`]),
    ...(tls === undefined ? [] : [`  SSL             ${tls.bootstrap} (certificate ${tls.caFile})`]),
    `  data            ${dataDir}`,
  ].join('\n');
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`--port ${text}: not a port (1 to 65535)`);
  return port;
}

function passwordFromEnvironment(): string {
  const password = process.env['TANDEM_KAFKA_PASSWORD'];
  if (!password) throw new Error('--sasl-user needs the password in the environment variable TANDEM_KAFKA_PASSWORD');
  return password;
}
