import { readFileSync } from 'node:fs';

import { resolveSecret, TandemError, type Environment, type Logger } from '@tandem-rec/contract';
import { Kafka, logLevel, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';

import type { KafkaOptions } from './options.ts';

/** Attempts of one request; beyond it {@link Patience} waits, says so and can be stopped, which kafkajs cannot. */
const RETRY = { retries: 3, initialRetryTime: 100, maxRetryTime: 1000, factor: 0.2, multiplier: 2 } as const;

export interface ClientHooks {
  /** A problem that kafkajs met and means to try again. */
  readonly onProblem?: (message: string) => void;
}

/**
 * The kafkajs client for `options`. Opens no connection.
 *
 * @throws `TANDEM_CONFIG_MISSING_SECRET` · `TANDEM_SOURCE_UNREADABLE` for a PEM file that cannot be read
 */
export function createClient(
  options: KafkaOptions,
  env: Environment,
  { onProblem = () => {} }: ClientHooks = {},
): Kafka {
  return new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    ...tls(options.ssl, env),
    ...login(options.sasl),
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => relay(entry, env.log, onProblem),
  });
}

/** Its errors are mostly attempts that will be repeated: what the user must know is said by {@link Outage}. */
function relay({ level, namespace, log }: LogEntry, logger: Logger, onProblem: (message: string) => void): void {
  logger.debug(`kafkajs ${namespace}: ${log.message}`);
  if (level === logLevel.ERROR) onProblem(log.message);
}

function tls(ssl: KafkaOptions['ssl'], env: Environment): Pick<KafkaConfig, 'ssl'> {
  if (typeof ssl === 'boolean') return ssl ? { ssl } : {};
  const { ca, cert, key, rejectUnauthorized } = ssl;
  return {
    ssl: {
      rejectUnauthorized,
      ...(ca === undefined ? {} : { ca: [pem(ca, env)] }),
      ...(cert === undefined ? {} : { cert: pem(cert, env) }),
      ...(key === undefined ? {} : { key: pem(key, env) }),
    },
  };
}

type Pem = NonNullable<Exclude<KafkaOptions['ssl'], boolean>['ca']>;

function pem(reference: Pem, env: Environment): string {
  if (typeof reference === 'string' || 'env' in reference) return resolveSecret(reference);
  const path = env.resolvePath(reference.file);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TandemError(
      'TANDEM_SOURCE_UNREADABLE',
      `The certificate or key ${path} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function login(sasl: KafkaOptions['sasl']): Pick<KafkaConfig, 'sasl'> {
  if (sasl === undefined) return {};
  const { mechanism, username, password } = sasl;
  return { sasl: { mechanism, username: resolveSecret(username), password: resolveSecret(password) } as SASLOptions };
}
