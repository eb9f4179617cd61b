import { defineInteractionSource } from '@tandem-rec/contract';

import { KafkaSink } from './kafka-sink.ts';
import { KafkaSource } from './kafka-source.ts';
import { kafkaOptions } from './options.ts';

/**
 * Interactions from a Kafka topic, all partitions. The checkpoint decides where to resume; offsets are committed to the
 * consumer group for lag tools only. Outages are waited out. The writing end is an idempotent producer.
 *
 * Errors: `TANDEM_SOURCE_OFFSET_OUT_OF_RANGE`, `TANDEM_SOURCE_AUTHENTICATION`, `TANDEM_SOURCE_TLS`,
 * `TANDEM_SOURCE_UNKNOWN_TOPIC` (with `missingTopic: 'fail'`), `TANDEM_SOURCE_UNREADABLE`, `TANDEM_SOURCE_UNWRITABLE`,
 * `TANDEM_CONFIG_MISSING_SECRET`.
 *
 * ```ts
 * source: kafka({ brokers: ['localhost:9092'], topic: 'interactions', sasl: { mechanism: 'plain', username: 'tandem', password: { env: 'KAFKA_PASSWORD' } } })
 * ```
 */
export const kafka = defineInteractionSource({
  id: '@tandem-rec/source-kafka#kafka',
  summary: 'Interactions from a Kafka topic.',
  options: kafkaOptions,
  create: (options, env) => new KafkaSource(options, env),
  createSink: (options, env) => new KafkaSink(options, env),
});
