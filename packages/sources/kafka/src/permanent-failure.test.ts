import { TandemError } from '@tandem-rec/contract';
import { KafkaJSConnectionError, KafkaJSProtocolError } from 'kafkajs';
import { describe, expect, it } from 'vitest';

import { kafkaOptions } from './options.ts';
import { permanentFailure, reasonOf } from './permanent-failure.ts';

const options = kafkaOptions.parse({ brokers: ['localhost:9092'], topic: 'interactions' });
const protocolError = (type: string): Error =>
  Object.assign(new KafkaJSProtocolError(new Error(`Kafka says ${type}`)), { type });
/** As kafkajs wraps what it gave up on. */
const wrapped = (error: Error): Error =>
  Object.assign(new Error('gave up'), {
    name: 'KafkaJSNonRetriableError',
    originalError: new Error('retries exceeded', { cause: error }),
  });

describe('permanentFailure', () => {
  it.each([
    [
      'a refused login',
      wrapped(Object.assign(new Error('Invalid username or password'), { name: 'KafkaJSSASLAuthenticationError' })),
      'TANDEM_SOURCE_AUTHENTICATION',
    ],
    ['a missing right', wrapped(protocolError('GROUP_AUTHORIZATION_FAILED')), 'TANDEM_SOURCE_AUTHENTICATION'],
    [
      'a certificate nobody vouches for',
      new KafkaJSConnectionError('Connection error: self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'TANDEM_SOURCE_TLS',
    ],
    [
      'a session timeout outside the broker’s limits',
      wrapped(protocolError('INVALID_SESSION_TIMEOUT')),
      'TANDEM_SOURCE_UNREADABLE',
    ],
    ['a record that is too large', wrapped(protocolError('MESSAGE_TOO_LARGE')), 'TANDEM_SOURCE_UNWRITABLE'],
  ])('gives %s its code', (_, error, code) => {
    expect(permanentFailure(error, options)?.code).toBe(code);
  });

  it('leaves alone what may heal', () => {
    expect(
      permanentFailure(wrapped(new KafkaJSConnectionError('connect ECONNREFUSED', { code: 'ECONNREFUSED' })), options),
    ).toBeUndefined();
    expect(permanentFailure(protocolError('NOT_LEADER_FOR_PARTITION'), options)).toBeUndefined();
    expect(permanentFailure(new TypeError('x'), options)).toBeUndefined();
  });

  it('takes a missing topic as the options say', () => {
    const missing = wrapped(protocolError('UNKNOWN_TOPIC_OR_PARTITION'));
    expect(permanentFailure(missing, options)).toBeUndefined();
    expect(reasonOf(missing, options)).toBe('topic interactions does not exist');
    expect(permanentFailure(missing, { ...options, missingTopic: 'fail' })?.code).toBe('TANDEM_SOURCE_UNKNOWN_TOPIC');
  });

  it('passes coded errors on', () => {
    const coded = new TandemError('TANDEM_SOURCE_OFFSET_OUT_OF_RANGE', 'gone');
    expect(permanentFailure(coded, options)).toBe(coded);
  });
});
