import { MessageChannel } from 'node:worker_threads';
import type { InteractionSource, Positions } from '@tandem-rec/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { portSource, sourceHandlers, type SourceHandlers } from './port-source.ts';
import { Rpc } from './rpc.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** Both ends of a source over a real channel. */
function overPort(open: InteractionSource['open'], more: Partial<InteractionSource> = {}) {
  const { port1, port2 } = new MessageChannel();
  closing.push(() => port1.close());
  const [gone, stop] = [new AbortController(), new AbortController()];
  const source: InteractionSource = {
    open,
    poll: async () => ({ records: [], ended: true }),
    close: async () => {},
    ...more,
  };
  new Rpc(port1, sourceHandlers(source, gone.signal, stop.signal));
  return { gone, stop, far: portSource(new Rpc<SourceHandlers>(port2, {}), source.lag !== undefined) };
}

/** A source that is away until its signal aborts. */
function away() {
  const calls = { begun: Promise.withResolvers<void>(), ended: Promise.withResolvers<unknown>() };
  const open = (_: Positions, signal?: AbortSignal): Promise<Positions> =>
    new Promise((_resolve, reject) => {
      calls.begun.resolve();
      signal?.addEventListener('abort', () => {
        calls.ended.resolve(signal.reason);
        reject(signal.reason as Error);
      });
    });
  return { ...calls, open };
}

describe('a source in another thread', () => {
  it('says where it starts', async () => {
    const { far } = overPort(async (positions) => new Map([...positions, [1, 5]]));
    expect(await far.open(new Map([[0, 3]]))).toEqual(
      new Map([
        [0, 3],
        [1, 5],
      ]),
    );
  });

  it('is let go by an abort on this side while it is away', async () => {
    const { far } = overPort(away().open);
    const abort = new AbortController();
    const opened = far.open(new Map(), abort.signal);
    abort.abort(new Error('stopped here'));
    await expect(opened).rejects.toThrow('stopped here');
    await expect(far.open(new Map(), abort.signal)).rejects.toThrow('stopped here');
  });

  it.each(['stop', 'gone'] as const)('gives up on the other side, too (%s)', async (which) => {
    const { begun, ended, open } = away();
    const { far, ...aborts } = overPort(open);
    const opened = far.open(new Map()).catch(String);
    await begun.promise;
    aborts[which].abort(new Error('stopped there'));
    expect(String(await ended.promise)).toBe('Error: stopped there');
    expect(await opened).toBe('Error: stopped there');
  });

  it('offers lag only where the source does', async () => {
    expect(overPort(away().open).far.lag).toBeUndefined();
    const { far } = overPort(away().open, { lag: async () => ({ records: 4 }) });
    expect(await far.lag?.()).toEqual({ records: 4 });
  });
});
