import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError, type Environment } from '@tandem-rec/contract';

import { unzip } from './unzip.ts';

/** Where a dataset's archive is, and what makes sure that it is the right one. */
export interface DatasetArchive {
  /** A zip archive with one folder that holds the files. */
  readonly url: string;
  /** Files that must be in it; those that never change with their SHA-256, in hexadecimal. */
  readonly files: Readonly<Record<string, string | undefined>>;
  /** What the user of the files has to know. */
  readonly terms: string;
}

/** An archive that takes more is not one of those this is for. */
const MAX_BYTES = 64 * 1024 * 1024;
const FILE_IN_FOLDER = /^\w[\w.-]*\/(\w[\w.-]*)$/;

/**
 * Makes sure that a dataset is in `folder`: fetches and unpacks its archive if a file is missing, checks it, and only then
 * puts the files there.
 *
 * @throws TandemError `TANDEM_DATASET_DOWNLOAD`; the signal's reason
 */
export async function fetchDataset(
  archive: DatasetArchive,
  folder: string,
  { log, signal }: Pick<Environment, 'log' | 'signal'>,
): Promise<void> {
  if (Object.keys(archive.files).every((name) => existsSync(join(folder, name)))) return;
  log.info(`Fetching ${archive.url}. ${archive.terms}`);
  let files: ReadonlyMap<string, Buffer>;
  try {
    files = inFolder(unzip(await download(archive.url, log, signal)));
    verify(files, archive.files);
  } catch (error) {
    signal.throwIfAborted();
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new TandemError('TANDEM_DATASET_DOWNLOAD', `${archive.url}: ${reason}`, { cause: error });
  }
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) {
    const partial = join(folder, `.${name}.partial`);
    await writeFile(partial, content);
    await rename(partial, join(folder, name));
  }
  log.info(`${files.size} files are in ${folder}.`);
}

async function download(url: string, log: Environment['log'], signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status}.`);
  const expected = Number(response.headers.get('content-length') ?? NaN);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let told = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk as Uint8Array);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`It is larger than ${MAX_BYTES} bytes.`);
    const share = Math.floor((4 * bytes) / expected);
    if (share > told && share < 4) log.info(`Fetched ${25 * (told = share)} %.`, { bytes });
  }
  if (bytes < expected) throw new Error(`${bytes} of ${expected} bytes came.`);
  return Buffer.concat(chunks);
}

/** Files right inside the archive's folder. Nothing else is taken, so no path can lead out of the target. */
function inFolder(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  return new Map(
    [...files].flatMap(([path, content]) => {
      const name = FILE_IN_FOLDER.exec(path)?.[1];
      return name === undefined ? [] : [[name, content] as const];
    }),
  );
}

function verify(files: ReadonlyMap<string, Buffer>, expected: DatasetArchive['files']): void {
  for (const [name, sha256] of Object.entries(expected)) {
    const content = files.get(name);
    if (content === undefined) throw new Error(`It does not contain ${name}.`);
    const found = createHash('sha256').update(content).digest('hex');
    if (sha256 !== undefined && found !== sha256)
      throw new Error(`${name} is not the published file (SHA-256 ${found}).`);
  }
}
