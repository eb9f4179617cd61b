/** Where the broker listens, all on 127.0.0.1. Kept in the data directory, so that a restart keeps the addresses. */
export interface BrokerPorts {
  readonly plaintext: number;
  readonly controller: number;
  readonly sasl: number;
  readonly tls: number;
}

/** A user that may log in on the SASL listener (PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512). */
export interface SaslUser {
  readonly username: string;
  readonly password: string;
}

/** A PKCS #12 key store with the broker's certificate. */
export interface KeyStore {
  readonly file: string;
  readonly password: string;
}

export interface ServerProperties {
  readonly ports: BrokerPorts;
  readonly logFolder: string;
  readonly sasl: SaslUser | undefined;
  readonly keyStore: KeyStore | undefined;
  /** Written last, so that they win. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** The text of `server.properties` for a small single-node broker (KRaft, broker and controller in one). */
export function serverProperties({ ports, logFolder, sasl, keyStore, overrides }: ServerProperties): string {
  const clients = [
    ['PLAINTEXT', ports.plaintext] as const,
    ...(sasl === undefined ? [] : [['SASL_PLAINTEXT', ports.sasl] as const]),
    ...(keyStore === undefined ? [] : [['SSL', ports.tls] as const]),
  ].map(([name, port]) => `${name}://127.0.0.1:${port}`);

  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: [...clients, `CONTROLLER://127.0.0.1:${ports.controller}`].join(','),
    'advertised.listeners': clients.join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logFolder,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'auto.create.topics.enable': false,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    // With the default of 9000, a broker killed with -9 needs 12 to 15 s to come back.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.index.size.max.bytes': 1_048_576,
    ...(sasl === undefined ? {} : saslProperties(sasl)),
    ...(keyStore === undefined ? {} : tlsProperties(keyStore)),
    ...overrides,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** SCRAM's secrets lie in the metadata log (see `format`), PLAIN's in the JAAS line. */
function saslProperties({ username, password }: SaslUser): Record<string, string> {
  const security = 'org.apache.kafka.common.security';
  const scram = `${security}.scram.ScramLoginModule required;`;
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${security}.plain.PlainLoginModule required user_${username}="${password}";`,
    'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': scram,
  };
}

function tlsProperties({ file, password }: KeyStore): Record<string, string> {
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': file,
    'ssl.keystore.password': password,
    'ssl.key.password': password,
  };
}

/** Warnings, and the few lines that say how far the start has come. */
export const LOG4J_PROPERTIES = `status=error
appender.stdout.type=Console
appender.stdout.name=stdout
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=warn
rootLogger.appenderRef.stdout.ref=stdout
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=info
`;
