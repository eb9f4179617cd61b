import type { Environment } from '@tandem-rec/contract';

import { createClient } from './client.ts';
import type { KafkaOptions } from './options.ts';

/** What the brokers say of themselves. */
export interface ClusterDescription {
  /** HOST:PORT of every broker, as they want to be reached. */
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
}

/**
 * Connects and asks for the brokers and topics, for diagnosis: unlike source and sink it does not wait for brokers that
 * are away.
 *
 * @throws Error from kafkajs, which names the broker and the cause · as `createClient`
 */
export async function describeCluster(options: KafkaOptions, env: Environment): Promise<ClusterDescription> {
  const admin = createClient(options, env).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    return { brokers: brokers.map(({ host, port }) => `${host}:${port}`), topics: (await admin.listTopics()).sort() };
  } finally {
    await admin.disconnect();
  }
}
