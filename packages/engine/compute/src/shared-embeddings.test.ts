import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { SeededRng } from './seeded-rng.ts';
import { SharedEmbeddings } from './shared-embeddings.ts';

function storage(segmentRows = 8): SharedEmbeddings {
  const embeddings = new SharedEmbeddings({ segmentRows });
  const rng = new SeededRng(9, 'tables');
  const table = (
    name: string,
    side: 'user' | 'item',
    dim: number,
    optimiser: Parameters<SharedEmbeddings['createTable']>[0]['optimiser'],
  ) => embeddings.createTable({ name, side, dim, initialStd: 0.1, optimiser, rng: rng.fork(name) });
  table('bpr/user', 'user', 4, { kind: 'adagrad', learningRate: 0.1 });
  table('bpr/item', 'item', 4, { kind: 'adam', learningRate: 0.1 });
  table('bpr/item-bias', 'item', 1, { kind: 'sgd', learningRate: 0.1 });
  return embeddings;
}

/** Meets users and items, and trains on them, with numbers that depend on nothing but `events`. */
function live(embeddings: SharedEmbeddings, events: readonly number[]): void {
  for (const event of events) {
    const user = embeddings.index('user').add(`u${event % 13}`);
    const item = embeddings.index('item').add(`i${(event * 7) % 31}`);
    embeddings.ensureRows('user');
    embeddings.ensureRows('item');
    const gradient = Float32Array.from({ length: 8 }, (_, d) => Math.sin(event + d));
    embeddings.table('bpr/user').applyGradients(Int32Array.of(user), gradient);
    embeddings.table('bpr/item').applyGradients(Int32Array.of(item, 0), gradient);
    embeddings.table('bpr/item-bias').applyGradients(Int32Array.of(item), gradient);
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** A thread that posts a row of a table whenever it is asked, and once at first. */
const READER = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData.module).then(({ SharedEmbeddings }) => {
    const table = SharedEmbeddings.from(workerData.handle).get('bpr/item');
    const post = () => parentPort.postMessage([...table.rowView(workerData.row)]);
    parentPort.on('message', post);
    post();
  });
`;

describe('SharedEmbeddings', () => {
  it('gives an id one row in all tables of its side', () => {
    const embeddings = storage();
    live(embeddings, range(0, 5));
    expect(embeddings.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['bpr/user', 5],
      ['bpr/item', 5],
      ['bpr/item-bias', 5],
    ]);
    expect(() => embeddings.table('bpr/nothing')).toThrow(/there are: bpr\/user/);
    const { optimiser } = embeddings.table('bpr/user');
    const again = { name: 'bpr/user', side: 'user', dim: 1, initialStd: 0, optimiser, rng: new SeededRng(1) } as const;
    expect(() => embeddings.createTable(again)).toThrow(/already/);
  });

  it('continues from a saved state bit for bit, whatever the segments’ size', () => {
    const uninterrupted = storage(8);
    live(uninterrupted, range(0, 60));
    const state = uninterrupted.save();
    const resumed = storage(4);
    live(resumed, range(500, 600));
    resumed.load({ ...state, values: JSON.parse(JSON.stringify(state.values)) });
    expect(resumed.save()).toEqual(state);
    live(uninterrupted, range(60, 200));
    live(resumed, range(60, 200));
    expect(resumed.save()).toEqual(uninterrupted.save());
  });

  it('names owner and shape of what it saves', () => {
    const embeddings = storage();
    live(embeddings, range(0, 3));
    expect(embeddings.save().arrays.map(({ name, shape, owner }) => `${owner} ${name} ${shape.join('×')}`)).toEqual([
      'user ids/user/units 6',
      'user ids/user/ends 3',
      'item ids/item/units 7',
      'item ids/item/ends 3',
      'user bpr/user/rows 3×4',
      'user bpr/user/squares 3×4',
      'item bpr/item/rows 3×4',
      'item bpr/item/first-moment 3×4',
      'item bpr/item/second-moment 3×4',
      'item bpr/item/steps 3×1',
      'item bpr/item-bias/rows 3×1',
    ]);
  });

  it('refuses the state of other tables', () => {
    const state = storage().save();
    const mismatch = { code: 'TANDEM_STATE_MISMATCH' };
    const other = new SharedEmbeddings();
    expect(() => other.load(state)).toThrow(expect.objectContaining(mismatch));
    expect(() => storage().load({ ...state, version: 99 })).toThrow(expect.objectContaining(mismatch));
    const without = state.arrays.filter(({ name }) => name !== 'bpr/item/steps');
    expect(() => storage().load({ ...state, arrays: without })).toThrow(/bpr\/item\/steps/);
  });

  it('is read by another thread in place', async () => {
    const embeddings = storage();
    live(embeddings, range(0, 40));
    const worker = new Worker(READER, {
      eval: true,
      workerData: {
        module: new URL('./shared-embeddings.ts', import.meta.url).href,
        handle: embeddings.share(),
        row: 20,
      },
      execArgv: ['--conditions=@tandem-rec/source', '--disable-warning=ExperimentalWarning'],
    });
    const answer = async () => (await once(worker, 'message'))[0] as number[];
    expect(await answer()).toEqual([...embeddings.table('bpr/item').rowView(20)]);
    embeddings.table('bpr/item').assign(Int32Array.of(20), Float32Array.of(1, 2, 3, 4));
    worker.postMessage('again');
    expect(await answer()).toEqual([1, 2, 3, 4]);
    await worker.terminate();
  });
});
