import { execFile } from 'node:child_process';
import { access, constants, mkdir, readdir } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findFolders } from '@tandem-rec/cotrainer';
import type { Finding } from './finding.ts';

const NODE_AT_LEAST = [22, 18] as const;

/** Node and the machine. */
export function lookAtMachine(version: string = process.versions.node): readonly Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > NODE_AT_LEAST[0] || (major === NODE_AT_LEAST[0] && minor >= NODE_AT_LEAST[1]);
  const cores = availableParallelism();
  const memoryGb = totalmem() / 2 ** 30;
  const model = cpus()[0]?.model.trim();
  return [
    {
      area: 'machine',
      name: 'node',
      state: fits ? 'ok' : 'broken',
      found: `v${version}`,
      ...(!fits && { brings: `Tandem needs Node ${NODE_AT_LEAST.join('.')} or later` }),
      facts: { version, executable: process.execPath },
    },
    {
      area: 'machine',
      name: 'platform',
      state: 'ok',
      found: `${process.platform} ${process.arch}, ${cores} ${cores === 1 ? 'core' : 'cores'}${model ? ` (${model})` : ''}, ${memoryGb.toFixed(0)} GB of memory`,
      facts: { platform: process.platform, architecture: process.arch, cores, memoryGb },
    },
  ];
}

/** Where data, weights and derived files are. */
export async function lookAtFolders(): Promise<readonly Finding[]> {
  const { cache, data, models } = findFolders();
  return [
    await cacheFinding(cache),
    await folderFinding('data', data, 'TANDEM_DATA', 'datasets by name, without naming their folder'),
    await folderFinding('models', models, 'TANDEM_MODELS', 'text encoders with weights, for example all-MiniLM-L6-v2'),
  ];
}

async function cacheFinding(folder: string): Promise<Finding> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return { area: 'folders', name: 'cache', state: 'ok', found: folder, facts: { folder } };
  } catch (error) {
    return {
      area: 'folders',
      name: 'cache',
      state: 'broken',
      found: (error as Error).message,
      brings: 'derived data that outlives runs; set TANDEM_CACHE to a folder that can be written',
      facts: { folder },
    };
  }
}

async function folderFinding(
  name: string,
  folder: string | undefined,
  variable: string,
  use: string,
): Promise<Finding> {
  const brings = `${use}; set ${variable}`;
  if (folder === undefined) return { area: 'folders', name, state: 'missing', found: 'no such folder', brings };
  try {
    const entries = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    return {
      area: 'folders',
      name,
      state: 'ok',
      found: `${folder}: ${entries.sort().join(', ') || 'empty'}`,
      facts: { folder, entries },
    };
  } catch (error) {
    return { area: 'folders', name, state: 'missing', found: (error as Error).message, brings, facts: { folder } };
  }
}

/** What starting a broker of one's own needs. */
export async function lookAtBrokerTools(): Promise<readonly Finding[]> {
  const java = process.env['JAVA_HOME'] ? `${process.env['JAVA_HOME']}/bin/java` : 'java';
  const use = 'a real Kafka broker on this machine, for tests and trials (tools/kafka)';
  return [
    await programFinding('java', java, ['-version'], use),
    await programFinding('maven', 'mvn', ['--version'], use),
  ];
}

async function programFinding(
  name: string,
  command: string,
  args: readonly string[],
  brings: string,
): Promise<Finding> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 20_000 });
    // Java says its version on standard error, after lines about options that it picked up; colours are Maven's.
    const [line] = `${stdout}\n${stderr}`.split('\n').filter((text) => /\d+\.\d+/.test(text));
    // eslint-disable-next-line no-control-regex -- escape sequences are what is removed
    return { area: 'kafka', name, state: 'ok', found: (line ?? 'found').replaceAll(/\x1b\[[\d;]*m/g, '').trim() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      area: 'kafka',
      name,
      state: 'missing',
      found: code === 'ENOENT' ? `no ${command} on the path` : message.split('\n')[0]!,
      brings,
    };
  }
}
