import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testEnvironment, type TestEnvironment } from '@tandem-rec/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fixtureFolder } from '../../test/fixtures.ts';
import { findModel } from './find-model.ts';

const COMMIT = 'c0ffee'.repeat(6) + 'abcd';
const NAMES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const CONTENT = new Map(NAMES.map((name) => [name, readFileSync(join(fixtureFolder('llama'), name))]));

interface Requested {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
}

interface Fault {
  /** Bytes of weights that a connection brings before it is cut. */
  readonly cutAfter?: number;
  readonly ranges?: boolean;
  readonly content?: ReadonlyMap<string, Buffer>;
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A hub on this machine that keeps one model: small files come at once, weights from “another host”. */
async function hub({ cutAfter = Infinity, ranges = true, content = CONTENT, answer }: Fault = {}) {
  const requests: Requested[] = [];
  const watchers: ((headers: IncomingMessage['headers']) => void)[] = [];
  const server = createServer((request, response) => {
    for (const watch of watchers) watch(request.headers);
    const { pathname: path } = new URL(request.url!, 'http://x');
    requests.push({ method: request.method!, path, range: request.headers.range });
    if (answer?.(request, response)) return;
    const name = NAMES.find((each) => path.endsWith(`/${each}`));
    const whole = name && CONTENT.get(name);
    const sent = name && content.get(name);
    if (!whole || !sent || !/^\/(cdn|tiny\/llama\/resolve\/(main|v1|c0ffee\w+))\//.test(path)) {
      response.writeHead(404).end();
      return;
    }
    const large = name.endsWith('.safetensors');
    if (large && !path.startsWith('/cdn/')) {
      response.writeHead(302, {
        location: `/cdn/${name}`,
        'x-repo-commit': COMMIT,
        'x-linked-size': whole.length,
        'x-linked-etag': `"${createHash('sha256').update(whole).digest('hex')}"`,
      });
      response.end();
      return;
    }
    const from = ranges && request.headers.range ? Number(/bytes=(\d+)-/.exec(request.headers.range)![1]) : 0;
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': sent.length - from,
      'x-repo-commit': COMMIT,
      etag: `"${createHash('sha1').update(`blob ${whole.length}\0`).update(whole).digest('hex')}"`,
    });
    if (request.method === 'HEAD') response.end();
    else if (large && sent.length - from > cutAfter)
      response.write(sent.subarray(from, from + cutAfter), () => setTimeout(() => response.destroy(), 10));
    else response.end(sent.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))));
  return {
    hub: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    watch: (by: (typeof watchers)[number]) => void watchers.push(by),
  };
}

function place(modelsFolder?: string): TestEnvironment {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-hub-'));
  return { ...testEnvironment({ name: 'model', folder }), modelsFolder: modelsFolder ?? join(folder, 'models') };
}

const expectWhole = (folder: string): void => {
  for (const [name, content] of CONTENT) expect(readFileSync(join(folder, name)).equals(content), name).toBe(true);
  expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
};

describe('findModel', () => {
  it('takes what is here', async () => {
    const { hub: url, requests } = await hub();
    const env = place(join(fixtureFolder('llama'), '..'));
    expect(await findModel(fixtureFolder('bert'), env, { hub: url })).toBe(fixtureFolder('bert'));
    expect(await findModel('llama', env, { hub: url })).toBe(fixtureFolder('llama'));
    expect(await findModel('tiny/llama', env, { hub: url })).toBe(fixtureFolder('llama'));
    expect(requests).toEqual([]);
  });

  it('fetches a model once, of one commit, and tells', async () => {
    const { hub: url, requests } = await hub();
    const env = place();
    const [folder, same] = await Promise.all([1, 2].map(() => findModel('tiny/llama', env, { hub: url })));
    expect(same).toBe(folder);
    expectWhole(folder);
    expect(requests[0].path).toBe('/tiny/llama/resolve/main/config.json');
    expect(requests.slice(2).every(({ path }) => path.startsWith('/cdn/') || path.includes(COMMIT))).toBe(true);
    const before = requests.length;
    expect(await findModel('tiny/llama', env, { hub: url })).toBe(folder);
    expect(requests.length).toBe(before);
    expect(await findModel('tiny/llama@v1', env, { hub: url })).not.toBe(folder);
    expect(env.log.lines.map(({ message }) => message).join('\n')).toContain('Fetching the model tiny/llama');
  });

  it.each([true, false])('goes on after broken connections (server knows ranges: %s)', async (ranges) => {
    const size = CONTENT.get('model.safetensors')!.length;
    const { hub: url, requests } = await hub(ranges ? { cutAfter: Math.ceil(size / 8) } : { ranges });
    const env = place();
    const folder = join(env.cacheFolder, 'models', 'tiny--llama@main');
    const weights = (): readonly Requested[] =>
      requests.filter(({ method, path }) => method === 'GET' && path.startsWith('/cdn/'));
    expectWhole(await findModel('tiny/llama', env, { hub: url }));
    if (ranges) {
      // A cut connection may lose what was on its way.
      expect(weights().length).toBeGreaterThanOrEqual(8);
      const starts = weights().map(({ range }) => Number(/=(\d+)/.exec(range ?? '=0')![1]));
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
      expect(new Set(starts).size).toBeGreaterThanOrEqual(8);
    }
    expect(existsSync(join(folder, 'tandem-model.json'))).toBe(true);
  });

  it('goes on where an earlier process stopped, also behind a server without ranges', async () => {
    for (const ranges of [true, false]) {
      const { hub: url, requests } = await hub({ ranges });
      const env = place();
      const folder = await findModel('tiny/llama', env, { hub: url });
      // As a killed process leaves it.
      rmSync(join(folder, 'tandem-model.json'));
      renameSync(join(folder, 'model.safetensors'), join(folder, 'model.safetensors.partial'));
      truncateSync(join(folder, 'model.safetensors.partial'), 5000);
      requests.length = 0;
      expect(await findModel('tiny/llama', env, { hub: url })).toBe(folder);
      expectWhole(folder);
      expect(requests.some(({ range }) => range === 'bytes=5000-')).toBe(true);
    }
  });

  it.each<[string, Fault, RegExp]>([
    [
      'weights with a wrong checksum',
      { content: new Map([...CONTENT, ['model.safetensors', flipped('model.safetensors')]]) },
      /model\.safetensors: Its checksum is wrong \(SHA-256/,
    ],
    [
      'a small file with a wrong checksum',
      { content: new Map([...CONTENT, ['config.json', flipped('config.json')]]) },
      /config\.json: Its checksum is wrong/,
    ],
    ['no such model', { content: new Map() }, /has no config\.json of tiny\/llama at main/],
    ['no safetensors', { content: new Map([...CONTENT].slice(0, 3)) }, /has no model\.safetensors\.index\.json/],
    [
      'a gated model',
      { answer: (_, response) => (response.writeHead(403).end(), true) },
      /answered 403: it may be private.* HF_TOKEN/,
    ],
    [
      'a host of weights that refuses',
      { answer: ({ url }, response) => url!.startsWith('/cdn/') && (response.writeHead(410).end(), true) },
      /model\.safetensors: The server answered 410/,
    ],
  ])('says so of %s', async (_, fault, message) => {
    const { hub: url } = await hub(fault);
    const env = place();
    await expect(findModel('tiny/llama', env, { hub: url })).rejects.toMatchObject({
      code: 'TANDEM_MODEL_DOWNLOAD',
      message: expect.stringMatching(message) as string,
    });
    const folder = join(env.cacheFolder, 'models', 'tiny--llama@main');
    expect(existsSync(join(folder, 'tandem-model.json'))).toBe(false);
    expect(existsSync(join(folder, 'model.safetensors'))).toBe(false);
  });

  it('shows a token to the hub and its files, to no other host, and in no message', async () => {
    const elsewhere = await hub();
    const seen: (string | undefined)[] = [];
    const { hub: url } = await hub({
      answer: ({ url: path, method, headers }, response) => {
        if (headers.authorization !== 'Bearer hf_secret') return (response.writeHead(401).end(), true);
        if (method !== 'GET' || !path!.endsWith('.safetensors')) return false;
        return (
          response.writeHead(302, { location: new URL(`/cdn/model.safetensors`, elsewhere.hub).href }).end(),
          true
        );
      },
    });
    elsewhere.watch(({ authorization }) => seen.push(authorization));
    const env = place();
    const refused = findModel('tiny/llama', env, { hub: url, token: 'hf_wrong' });
    await expect(refused).rejects.toThrow(/The token in HF_TOKEN is not allowed/);
    await expect(refused).rejects.not.toThrow(/hf_wrong/);
    expectWhole(await findModel('tiny/llama', env, { hub: url, token: 'hf_secret' }));
    expect(seen).toEqual([undefined]);
    expect(JSON.stringify(env.log.lines)).not.toContain('hf_');
  });

  it('asks the hub that the environment names', async () => {
    const { hub: url } = await hub();
    vi.stubEnv('HF_ENDPOINT', url);
    onTestFinished(() => void vi.unstubAllEnvs());
    expectWhole(await findModel('tiny/llama', place()));
  });

  it('gives up where nobody answers, and stops when it is told to', async () => {
    const env = place();
    await expect(findModel('tiny/llama', env, { hub: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'TANDEM_MODEL_DOWNLOAD',
    });
    const { hub: url } = await hub();
    const stopped = { ...env, signal: AbortSignal.abort(new Error('enough')) };
    await expect(findModel('tiny/llama', stopped, { hub: url })).rejects.toThrow('enough');
  });

  it('does not trust a cache that was changed', async () => {
    const { hub: url } = await hub();
    const env = place();
    const folder = await findModel('tiny/llama', env, { hub: url });
    writeFileSync(join(folder, 'config.json'), flipped('config.json'));
    await expect(findModel('tiny/llama', env, { hub: url })).rejects.toMatchObject({
      code: 'TANDEM_MODEL_WEIGHTS_INVALID',
      message: expect.stringMatching(/config\.json is not the file that was fetched/) as string,
    });
    appendFileSync(join(folder, 'model.safetensors'), 'x');
    await expect(findModel('tiny/llama', env, { hub: url })).rejects.toThrow(/is not the file/);
  });

  it('says where it looked', async () => {
    const env = place();
    await expect(findModel('./nowhere', env)).rejects.toMatchObject({
      code: 'TANDEM_MODEL_WEIGHTS_MISSING',
      message: expect.stringMatching(/no config\.json in .*nowhere/) as string,
    });
  });
});

function flipped(name: string): Buffer {
  const content = Buffer.from(CONTENT.get(name)!);
  content[content.length >> 1] ^= 1;
  return content;
}
