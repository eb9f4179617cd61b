export { kafka } from './kafka.ts';
export { kafkaOptions, type KafkaOptions } from './options.ts';
