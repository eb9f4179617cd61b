import type { ModelReport } from './bench-models.ts';
import { STREAM_GOALS } from './goals.ts';

/** A table that not every report has. */
export interface ExtraTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Growth, top-k and streams, those that were measured. */
export function extraTables({ growth, topK, streams }: ModelReport): readonly ExtraTable[] {
  return [growth && growthTable(growth), topK && topKTable(topK), streams && streamTable(streams)].filter(
    (table) => table !== undefined,
  );
}

function growthTable(points: NonNullable<ModelReport['growth']>): ExtraTable {
  const sizes = [...new Set(points.map(({ events }) => events))];
  const cost = (model: string, events: number): string =>
    points.find((point) => point.model === model && point.events === events)?.cpuSeconds.toFixed(2) ?? '';
  return {
    title: 'Growth: CPU seconds of one pass over synthetic interactions, d = 64',
    head: ['model', ...sizes.map((size) => size.toLocaleString('en-US'))],
    rows: [...new Set(points.map(({ model }) => model))].map((model) => [
      model,
      ...sizes.map((size) => cost(model, size)),
    ]),
  };
}

function topKTable(points: NonNullable<ModelReport['topK']>): ExtraTable {
  return {
    title: 'Exact lists by inner products, d = 64, one thread',
    head: ['on', 'users', 'items', 'k', 'CPU s', 'beside', 'CPU s', 'ratio'],
    rows: points.map(({ name, users, items, k, cpuSeconds, beside }) => [
      name,
      users.toLocaleString('en-US'),
      items.toLocaleString('en-US'),
      String(k),
      cpuSeconds.toFixed(3),
      beside.what,
      beside.cpuSeconds.toFixed(3),
      (cpuSeconds / beside.cpuSeconds).toFixed(2),
    ]),
  };
}

function streamTable(rows: NonNullable<ModelReport['streams']>): ExtraTable {
  return {
    title: 'Streams: test-then-train, NDCG@10 of the last 80 %',
    head: ['model', 'stream', 'NDCG', 'floor', '', 'recall', 'CPU ms/event'],
    rows: rows.map(({ model, stream, ndcg, recall, cpuMsPerEvent }) => {
      const floor = STREAM_GOALS[`${stream} ${model}`];
      return [
        model,
        stream,
        ndcg.toFixed(4),
        floor === undefined ? '' : String(floor),
        floor === undefined ? '' : Number(ndcg.toFixed(4)) >= floor ? 'ok' : 'below',
        recall.toFixed(4),
        cpuMsPerEvent.toFixed(3),
      ];
    }),
  };
}
