import { once } from 'node:events';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TandemError } from '@tandem-rec/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { askControl, serveControl } from './control-socket.ts';

const path = join(tmpdir(), `tandem-test-${process.pid}`, 'control.sock');
let server: { close(): Promise<void> } | undefined;
afterEach(() => server?.close());

describe('the control socket', () => {
  it('answers questions of other processes', async () => {
    server = await serveControl(path, { double: async (n: number) => ({ twice: 2 * n }) });
    expect(await askControl(path, 'double', 21)).toEqual({ twice: 42 });
  });

  it('keeps the code and the remedy of an error', async () => {
    const error = new TandemError('TANDEM_RUN_NOT_FOUND', 'Starting.', { remedy: 'Ask again.' });
    server = await serveControl(path, {
      fail: async () => {
        throw error;
      },
    });
    await expect(askControl(path, 'fail', null)).rejects.toMatchObject({
      code: 'TANDEM_RUN_NOT_FOUND',
      remedy: 'Ask again.',
    });
    await expect(askControl(path, 'unknown', null)).rejects.toMatchObject({ code: 'TANDEM_CLI_USAGE' });
  });

  it('closes although a client is there and asks nothing', async () => {
    server = await serveControl(path, {});
    const idle = createConnection(path);
    const gone = once(idle, 'close');
    await once(idle, 'connect');
    // Until the server has accepted it.
    await expect(askControl(path, 'unknown', null)).rejects.toThrow();
    await server.close();
    await gone;
  });

  it('says so when nobody listens', async () => {
    expect(await askControl(`${path}.none`, 'double', 1)).toBeUndefined();
  });
});
