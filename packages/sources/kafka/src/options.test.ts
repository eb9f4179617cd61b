import { describe, expect, it } from 'vitest';

import { kafka } from './kafka.ts';
import { kafkaOptions } from './options.ts';

const least = { brokers: ['localhost:9092'], topic: 'interactions' };

describe('the options of kafka', () => {
  it('need brokers and a topic, and default the rest', () => {
    expect(kafkaOptions.parse(least)).toEqual({
      ...least,
      clientId: 'tandem',
      groupId: 'tandem',
      ssl: false,
      from: 'earliest',
      missingTopic: 'wait',
      sessionTimeoutMs: 6000,
      heartbeatIntervalMs: 500,
      bufferRecords: 10_000,
    });
    expect(kafkaOptions.safeParse({}).error!.issues.map(({ path }) => path.join('.'))).toEqual(['brokers', 'topic']);
  });

  it.each([
    ['a broker without a port', { brokers: ['localhost'] }, 'brokers.0'],
    ['no broker', { brokers: [] }, 'brokers'],
    ['heartbeats that are too rare', { heartbeatIntervalMs: 3000 }, 'heartbeatIntervalMs'],
    ['an unknown start', { from: 'middle' }, 'from'],
    ['an unknown mechanism', { sasl: { mechanism: 'gssapi', username: 'a', password: 'b' } }, 'sasl.mechanism'],
  ])('refuse %s', (_, wrong, path) => {
    const { error } = kafkaOptions.safeParse({ ...least, ...wrong });
    expect(error!.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it('hold a secret as a reference in the composition', () => {
    const use = kafka({
      ...least,
      sasl: { mechanism: 'plain', username: 'tandem', password: { env: 'KAFKA_PASSWORD' } },
    });
    expect(JSON.stringify(use.options)).toContain('{"env":"KAFKA_PASSWORD"}');
  });
});
