import { secretSchema } from '@tandem-rec/contract';
import { z } from 'zod';

const pemSchema = z
  .union([
    z.strictObject({ file: z.string().min(1).describe('A PEM file, relative to the configuration.') }),
    secretSchema,
  ])
  .describe('PEM text, { env: NAME } of a variable that holds it, or { file: PATH }.');

/** How to reach and log in to the brokers. */
const connectionShape = {
  brokers: z
    .array(z.string().regex(/^.+:\d{1,5}$/, 'HOST:PORT'))
    .min(1)
    .describe('Where to begin: HOST:PORT of some brokers; the others are found through them.'),
  clientId: z.string().min(1).default('tandem').describe('How this client names itself to the brokers.'),
  ssl: z
    .union([
      z.boolean(),
      z.strictObject({
        ca: pemSchema.optional(),
        cert: pemSchema.optional(),
        key: pemSchema.optional(),
        rejectUnauthorized: z.boolean().default(true).describe('false accepts any certificate: for experiments only.'),
      }),
    ])
    .default(false)
    .describe('TLS: true for certificates that Node trusts, or your own.'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: secretSchema,
      password: secretSchema,
    })
    .optional()
    .describe('Login; without it none.'),
};

/** Options of the `kafka` source. */
export const kafkaOptions = z
  .strictObject({
    ...connectionShape,
    topic: z.string().min(1).max(249).describe('The topic of interactions.'),
    groupId: z
      .string()
      .min(1)
      .default('tandem')
      .describe('Consumer group. Give each run one of its own: members of one group share the partitions.'),
    from: z
      .union([
        z.enum(['earliest', 'latest']),
        z.strictObject({ timestampMs: z.int().min(0).describe('Milliseconds since the epoch.') }),
      ])
      .default('earliest')
      .describe('Where a partition starts of which the checkpoint knows nothing.'),
    missingTopic: z.enum(['wait', 'fail']).default('wait').describe('What to do while the topic does not exist.'),
    createTopic: z
      .strictObject({ partitions: z.int().min(1).default(1), replicationFactor: z.int().min(1).default(1) })
      .optional()
      .describe('Creates the topic when writing to it and it is missing. Default: it is not created.'),
    sessionTimeoutMs: z
      .int()
      .min(1000)
      .default(6000)
      .describe(
        'After a broker was killed, consumption resumes no sooner than this; the brokers’ group.min.session.timeout.ms is the lower bound.',
      ),
    heartbeatIntervalMs: z.int().min(100).default(500).describe('At most a third of sessionTimeoutMs.'),
    bufferRecords: z
      .int()
      .min(1)
      .default(10_000)
      .describe('Fetching pauses while this many records wait to be polled.'),
  })
  .refine(({ sessionTimeoutMs, heartbeatIntervalMs }) => heartbeatIntervalMs * 3 <= sessionTimeoutMs, {
    path: ['heartbeatIntervalMs'],
    message: 'must be at most a third of sessionTimeoutMs',
  });

/** Validated options. */
export type KafkaOptions = z.output<typeof kafkaOptions>;
