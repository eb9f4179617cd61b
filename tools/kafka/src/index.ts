export { readRecord, runningPid, type BrokerAddresses, type BrokerRecord } from './broker-record.ts';
export { committedOffsets } from './committed-offsets.ts';
export { kafkaAvailable, type Availability } from './kafka-available.ts';
export { KAFKA_VERSION, kafkaCache, provideJars } from './kafka-jars.ts';
export type { SaslUser } from './server-properties.ts';
export { startBroker, stopBroker, type Broker, type BrokerOptions } from './start-broker.ts';
