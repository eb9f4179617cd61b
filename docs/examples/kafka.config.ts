import { defineConfig } from '@tandem-rec/contract';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { itemKnn } from '@tandem-rec/model-neighbourhood';
import { bridge } from '@tandem-rec/sharing-bridge';
import { kafka } from '@tandem-rec/source-kafka';
import { local } from '@tandem-rec/store-local';

/** The default composition on a Kafka topic. `kafka.config.yaml` is the same in YAML. */
export default defineConfig({
  name: 'interactions from Kafka',
  source: kafka({
    brokers: ['localhost:9092'],
    topic: 'interactions',
    groupId: 'tandem-interactions',
    // For a broker that asks who is there; the password stays in the environment:
    // ssl: true,
    // sasl: { mechanism: 'scram-sha-512', username: 'tandem', password: { env: 'KAFKA_PASSWORD' } },
  }),
  domain: [fism(), itemKnn()],
  language: transformer(),
  sharing: bridge(),
  fusion: gate(),
  store: local({ folder: 'runs/interactions' }),
});
