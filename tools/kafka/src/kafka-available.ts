import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { cachedJars, findMaven } from './kafka-jars.ts';

/** Kafka 4 asks for this Java or a later one. */
const JAVA_AT_LEAST = 17;

export interface Availability {
  readonly available: boolean;
  /** What is missing, or what is there. */
  readonly reason: string;
}

let known: Availability | undefined;

/** Whether a broker can be started here: Java 17 or later, and the jars cached or Maven to get them. Asked once a process. */
export function kafkaAvailable(): Availability {
  return (known ??= look());
}

/** The Java to run: that of `JAVA_HOME`, else the one on the path. */
export function javaCommand(): string {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', 'java') : 'java';
}

function look(): Availability {
  if (process.platform === 'win32') return { available: false, reason: 'the broker tool runs on Linux and macOS only' };
  const java = javaVersion();
  if (java === undefined)
    return { available: false, reason: `no Java found (Kafka needs a JDK ${JAVA_AT_LEAST} or later)` };
  if (java < JAVA_AT_LEAST)
    return { available: false, reason: `Java ${java} found, Kafka needs ${JAVA_AT_LEAST} or later` };
  if (cachedJars() !== undefined) return { available: true, reason: `Java ${java}, jars cached` };
  if (findMaven() !== undefined) return { available: true, reason: `Java ${java}, jars by Maven` };
  return { available: false, reason: 'neither Kafka’s jars in the cache nor Maven (mvn) to get them' };
}

function javaVersion(): number | undefined {
  const { status, stderr } = spawnSync(javaCommand(), ['-version'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const major = /version "(\d+)/.exec(stderr)?.[1];
  return major === undefined ? undefined : Number(major);
}
