import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Environment } from '@tandem-rec/contract';

/** What a file must be, as far as its server said. */
export interface ExpectedFile {
  readonly url: string;
  readonly bytes?: number;
  /** Of the content, in hexadecimal: SHA-256, or git's SHA-1 of it as a blob. */
  readonly sha256?: string;
  readonly gitBlob?: string;
  /** Shown to the host of the URL, but to none it sends us on to. */
  readonly token?: string | undefined;
}

/** Attempts in a row that bring nothing before it is given up. */
const ATTEMPTS = 5;
const FIRST_DELAY_MS = 250;
const PROGRESS_MS = 5000;

/** An answer that no further attempt will change. */
class Refused extends Error {}

/**
 * Fetches a file to `path`. What arrives is kept in `path`.partial: after a broken connection, or in the next process, it
 * goes on from there. The file appears only when it is whole and right; what is wrong is deleted.
 * Throws an Error that says why, or the signal's reason.
 */
export async function download(
  expected: ExpectedFile,
  path: string,
  env: Pick<Environment, 'log' | 'clock' | 'signal'>,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const partial = `${path}.partial`;
  const { clock, signal } = env;
  for (let failures = 0; ;) {
    const before = await sizeOf(partial);
    try {
      const whole = expected.bytes !== undefined && before >= expected.bytes && before > 0;
      // Of a file of unknown length nobody can say where it stopped.
      if (!whole) await receive(expected, partial, expected.bytes === undefined ? 0 : before, env);
      break;
    } catch (error) {
      signal.throwIfAborted();
      if ((await sizeOf(partial)) > before) failures = 0;
      if (error instanceof Refused || ++failures === ATTEMPTS) throw error;
      env.log.debug('The connection broke: trying again', { url: expected.url, reason: reasonOf(error) });
      await clock.sleep(FIRST_DELAY_MS * 2 ** failures, signal);
    }
  }
  const bytes = await sizeOf(partial);
  const sha256 = await hashOf(partial, 'sha256');
  const gitBlob = expected.gitBlob && (await hashOf(partial, 'sha1', `blob ${bytes}\0`));
  const wrong =
    expected.bytes !== undefined && bytes !== expected.bytes
      ? `It has ${bytes} bytes instead of ${expected.bytes}.`
      : (expected.sha256 !== undefined && sha256 !== expected.sha256) || gitBlob !== expected.gitBlob
        ? `Its checksum is wrong (SHA-256 ${sha256}).`
        : undefined;
  if (wrong !== undefined) {
    await rm(partial);
    throw new Error(wrong);
  }
  await rename(partial, path);
  return { bytes, sha256 };
}

/** One connection: appends to `partial`, which has `from` bytes, what the server sends. */
async function receive(
  { url, bytes: whole, token }: ExpectedFile,
  partial: string,
  from: number,
  { log, clock, signal }: Pick<Environment, 'log' | 'clock' | 'signal'>,
): Promise<void> {
  // Compressed on the way, positions would be those of other bytes.
  const headers = { 'accept-encoding': 'identity', ...authorised(token), ...(from > 0 && { range: `bytes=${from}-` }) };
  const response = await fetch(url, { headers, signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const { status } = response;
    const message = `The server answered ${status}.`;
    throw status === 408 || status === 429 || status >= 500 ? new Error(message) : new Refused(message);
  }
  // A server that knows no ranges sends all of it again.
  const continues = response.status === 206;
  const file = await open(partial, continues ? 'a' : 'w');
  let done = continues ? from : 0;
  let said = clock.monotonicMs();
  try {
    for await (const chunk of response.body) {
      await file.writeFile(chunk as Uint8Array);
      done += (chunk as Uint8Array).length;
      if (clock.monotonicMs() - said < PROGRESS_MS) continue;
      said = clock.monotonicMs();
      log.info('Fetching a model', { url, bytes: done, of: whole });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (whole !== undefined && done < whole) throw new Error(`${done} of ${whole} bytes came.`);
}

/** The header that says who asks. On the way to another host `fetch` leaves it out. */
export const authorised = (token: string | undefined): Record<string, string> =>
  token ? { authorization: `Bearer ${token}` } : {};

/** A file's hash in hexadecimal, of `before` and its content. */
export async function hashOf(path: string, algorithm: 'sha256' | 'sha1', before = ''): Promise<string> {
  const hash = createHash(algorithm).update(before);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** What went wrong, with what is behind a failed `fetch`. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
