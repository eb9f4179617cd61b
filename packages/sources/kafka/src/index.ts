export { describeCluster, type ClusterDescription } from './describe-cluster.ts';
export { kafka } from './kafka.ts';
export { kafkaOptions, type KafkaOptions } from './options.ts';
