import { TandemError } from '@tandem-rec/contract';

import type { KafkaOptions } from './options.ts';

/** What kafkajs and Node put on errors. */
interface Facts {
  readonly name?: string;
  readonly message?: string;
  /** Kafka's name of a protocol error. */
  readonly type?: string;
  /** Node's name of a system or TLS error. */
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

const REFUSED = new Set(['TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']);
const UNACCEPTABLE = new Set([
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'UNSUPPORTED_SASL_MECHANISM',
]);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD']);

/**
 * The coded error for a failure that no waiting will heal; undefined for everything else, which is worth another
 * attempt.
 */
export function permanentFailure(
  error: unknown,
  { topic, groupId, brokers, missingTopic, sasl, sessionTimeoutMs }: KafkaOptions,
): TandemError | undefined {
  if (TandemError.is(error)) return error;
  const where = brokers.join(', ');
  for (const { name, message = '', type = '', code } of chain(error)) {
    if (name === 'KafkaJSSASLAuthenticationError') {
      const how = sasl === undefined ? 'without login' : `with mechanism ${sasl.mechanism}`;
      return new TandemError('TANDEM_SOURCE_AUTHENTICATION', `Kafka at ${where} refused the login ${how}: ${message}`, {
        cause: error,
      });
    }
    if (/CERT|^ERR_TLS|^ERR_SSL/.test(String(code))) {
      return new TandemError('TANDEM_SOURCE_TLS', `No TLS connection to Kafka at ${where}: ${message}`, {
        cause: error,
        details: { code },
      });
    }
    if (REFUSED.has(type)) {
      return new TandemError(
        'TANDEM_SOURCE_AUTHENTICATION',
        `Kafka at ${where} does not allow this user to use topic ${topic} with group ${groupId}: ${message}`,
        {
          cause: error,
          remedy: 'Grant the user the rights on topic and group (ACLs).',
        },
      );
    }
    if (TOO_LARGE.has(type)) {
      return new TandemError('TANDEM_SOURCE_UNWRITABLE', `Kafka refused a record for topic ${topic}: ${message}`, {
        cause: error,
        remedy: 'Make the record smaller, or raise max.message.bytes of the topic.',
      });
    }
    if (UNACCEPTABLE.has(type)) {
      return new TandemError(
        'TANDEM_SOURCE_UNREADABLE',
        `Kafka at ${where} refused topic ${topic}, group ${groupId}, session timeout ${sessionTimeoutMs} ms: ${message}`,
        {
          cause: error,
          remedy: 'Correct the option that the message is about.',
        },
      );
    }
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION' && missingTopic === 'fail') {
      return new TandemError('TANDEM_SOURCE_UNKNOWN_TOPIC', `Kafka at ${where} has no topic ${topic}.`, {
        cause: error,
      });
    }
  }
  return undefined;
}

/** One sentence for a failure that is being waited out. */
export function reasonOf(error: unknown, { topic }: KafkaOptions): string {
  const facts = [...chain(error)];
  if (facts.some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION')) return `topic ${topic} does not exist`;
  return facts.at(-1)?.message || String(error);
}

/** The error and what caused it. kafkajs keeps some causes as `originalError` and may point back to the error itself. */
function* chain(error: unknown): Generator<Facts> {
  const seen = new Set<unknown>();
  const open = [error];
  while (open.length > 0) {
    const next = open.shift();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const facts = next as Facts;
    yield facts;
    open.push(facts.cause, facts.originalError);
  }
}
