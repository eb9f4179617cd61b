import { Kafka, logLevel } from 'kafkajs';

/** What a consumer group has committed: the next offset to read, by partition; partitions without a commit are left out. */
export async function committedOffsets(
  bootstrap: string,
  groupId: string,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return new Map(
      partitions
        .map(({ partition, offset }) => [partition, Number(offset)] as const)
        .filter(([, offset]) => offset >= 0),
    );
  } finally {
    await admin.disconnect();
  }
}
