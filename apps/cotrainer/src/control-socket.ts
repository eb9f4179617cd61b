import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TandemError, type Composition } from '@tandem-rec/contract';
import { received, sent } from './rpc.ts';

/** What can be asked of a running process. */
export type ControlHandlers = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/** The socket of the process that writes the run of this composition: it follows from where the run is kept. */
export function controlPath({ folder, store }: Composition): string {
  const name = createHash('sha256')
    .update(JSON.stringify([folder, store?.id, store?.options]))
    .digest('hex')
    .slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\tandem-${name}`;
  // Paths of sockets are limited to about 100 bytes: not in the run's folder.
  return join(tmpdir(), `tandem-${userInfo().uid}`, `${name}.sock`);
}

/** Answers questions of other processes of this user. One JSON line each way. */
export async function serveControl(path: string, handlers: ControlHandlers): Promise<{ close(): Promise<void> }> {
  if (process.platform !== 'win32') {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    // A process that was killed leaves its socket behind. The run's lock says that we are the only one.
    rmSync(path, { force: true });
  }
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const lines = createInterface({ input: socket });
    // Whoever asked has gone. The interface passes the socket's errors on: unheard they would end the process.
    for (const one of [socket, lines]) one.on('error', () => {});
    lines.on('line', (line) => void answer(line, handlers).then((text) => socket.end(`${text}\n`)));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // The server would wait for clients that ask nothing.
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answer(line: string, handlers: ControlHandlers): Promise<string> {
  try {
    const { method, argument } = JSON.parse(line) as { method: string; argument: never };
    const handler = handlers[method];
    if (!handler) throw new TandemError('TANDEM_CLI_USAGE', `The running process does not know ${method}.`);
    return JSON.stringify({ value: await handler(argument) });
  } catch (error) {
    return JSON.stringify({ error: sent(error) });
  }
}

/** Asks the running process; undefined if there is none. Rejects with its error. */
export async function askControl<T>(path: string, method: string, argument: unknown): Promise<T | undefined> {
  const text = await exchange(path, `${JSON.stringify({ method, argument })}\n`);
  if (text === undefined) return undefined;
  const { value, error } = JSON.parse(text) as { readonly value?: T; readonly error?: ReturnType<typeof sent> };
  if (error) throw received(error);
  return value;
}

/** Sends a line and reads until the other side ends; undefined if nobody listens, or nobody answers. */
function exchange(path: string, line: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = createConnection(path, () => socket.write(line));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(chunks.length > 0 ? Buffer.concat(chunks).toString() : undefined));
  });
}
