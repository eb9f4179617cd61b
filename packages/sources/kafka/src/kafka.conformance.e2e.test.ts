import { kafkaAvailable, startBroker, type Broker } from '@tandem-rec/kafka-tools';
import { requireOrSkip } from '@tandem-rec/testing';
import { interactionSourceConformance } from '@tandem-rec/testkit';
import { afterAll, beforeAll, describe, vi } from 'vitest';

import { createTopic, optionsFor, realEnvironment } from '../test/on-broker.ts';
import { kafka } from './kafka.ts';

const available = requireOrSkip('kafka', kafkaAvailable());
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

describe.skipIf(!available.available)('on a real broker', () => {
  let broker: Broker;
  let readers = 0;

  beforeAll(async () => {
    broker = await startBroker();
  }, 300_000);
  afterAll(() => broker?.stop());

  for (const numPartitions of [1, 3]) {
    interactionSourceConformance({
      name: `kafka with ${numPartitions} partitions`,
      create: async () => {
        const topic = await createTopic(broker, { numPartitions });
        const sink = await kafka.definition.createSink!(optionsFor(broker, topic), realEnvironment());
        // a group for each: two readers of one group would share the partitions
        const reader = (more: object = {}) =>
          kafka.definition.create(
            optionsFor(broker, topic, { groupId: `reader-${++readers}`, ...more }),
            realEnvironment(),
          );
        return {
          source: () => reader(),
          latest: () => reader({ from: 'latest' }),
          append: (records) => sink.append(records),
          close: () => sink.close(),
        };
      },
    });
  }
});
