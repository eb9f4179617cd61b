import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below Linux's range for outgoing connections: a client that retries a dead broker's port inside that range can, by
 * bad luck, connect to itself or be given the port, and the broker then cannot come back on it.
 */
const FROM = 15_000;
const TO = 32_000;

/** `count` different free ports of 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(FROM, TO);
    const server = await tryListen(port);
    if (server === undefined) continue;
    servers.push(server);
    ports.push(port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function tryListen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
