import { createHost } from '@tandem-rec/cotrainer';
import { describeCluster, kafkaOptions } from '@tandem-rec/source-kafka';
import type { Finding } from './finding.ts';

/** Asks a broker who its cluster is. */
export async function lookAtBroker(address: string): Promise<Finding> {
  const signal = new AbortController().signal;
  const { rng, log, clock, cacheFolder } = createHost({ seed: 0, signal, logLevel: 'silent', write: () => {} });
  const env = {
    name: 'kafka',
    rng: rng('kafka'),
    log: log('kafka'),
    clock,
    signal,
    threads: 1,
    cacheFolder,
    modelsFolder: undefined,
    dataFolder: undefined,
    resolvePath: (path: string) => path,
  };
  try {
    const { brokers, topics } = await describeCluster(kafkaOptions.parse({ brokers: [address], topic: 'any' }), env);
    const own = topics.filter((topic) => !topic.startsWith('__'));
    return {
      area: 'kafka',
      name: address,
      state: 'ok',
      found: `${brokers.length} ${brokers.length === 1 ? 'broker' : 'brokers'} (${brokers.join(', ')}), ${own.length === 0 ? 'no topics' : `topics ${own.slice(0, 10).join(', ')}${own.length > 10 ? ', …' : ''}`}`,
      facts: { brokers, topics: own },
    };
  } catch (error) {
    return {
      area: 'kafka',
      name: address,
      state: 'broken',
      found: error instanceof Error ? error.message : String(error),
      brings:
        'a stream to learn from; check address, listener and network, or TLS and login, which this check does without',
    };
  }
}
