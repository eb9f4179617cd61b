import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { withFileLock } from './file-lock.ts';

/** The broker's version; 4.1.2 and 3.9.2 were tried with the same classes. */
export const KAFKA_VERSION = '4.4.0';

/** slf4j-api of this Kafka is 1.7, so this is `log4j-slf4j-impl` and not the slf4j2 artefact. */
const LOG4J_VERSION = '2.25.3';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tandem</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>${LOG4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/** Where jars and the command line's broker live: `TANDEM_KAFKA_CACHE`, else `${XDG_CACHE_HOME:-~/.cache}/tandem/kafka`. */
export function kafkaCache(): string {
  return (
    process.env['TANDEM_KAFKA_CACHE'] ||
    join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tandem', 'kafka')
  );
}

/** The folder of the jars, complete by construction (it is renamed into place), or undefined. */
export function cachedJars(): string | undefined {
  const folder = jarFolder();
  return existsSync(folder) ? folder : undefined;
}

/** The Maven to run, or undefined where there is none. */
export function findMaven(): string | undefined {
  return spawnSync('mvn', ['-v'], { stdio: 'ignore' }).status === 0 ? 'mvn' : undefined;
}

/**
 * Downloads the broker's jars by Maven (about 45 jars, 43 MB) unless they are cached. Processes that ask at the same
 * time wait for the one that downloads.
 *
 * @returns the folder that holds the jars
 * @throws Error with Maven's last lines
 */
export async function provideJars(log: (line: string) => void): Promise<string> {
  const cached = cachedJars();
  if (cached !== undefined) return cached;
  const cache = kafkaCache();
  mkdirSync(cache, { recursive: true });
  return withFileLock(`${jarFolder()}.lock`, async () => {
    const byAnother = cachedJars();
    if (byAnother !== undefined) return byAnother;
    log(`downloading Kafka ${KAFKA_VERSION} by Maven into ${cache}`);
    const work = mkdtempSync(join(cache, 'download-'));
    try {
      writeFileSync(join(work, 'pom.xml'), POM);
      await maven(work);
      renameSync(join(work, 'lib'), jarFolder());
      return jarFolder();
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

function jarFolder(): string {
  return join(kafkaCache(), `jars-${KAFKA_VERSION}`);
}

function maven(folder: string): Promise<void> {
  const args = ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib'];
  return new Promise((resolve, reject) => {
    let said = '';
    const child = spawn('mvn', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-2000);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`mvn ended with ${code}: ${said.trim()}`))));
  });
}
