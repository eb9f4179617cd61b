import type { ReportTable } from '@tandem-rec/evaluation';
import type { ModelReport } from '../bench-models.ts';
import { STREAM_COST_GOALS, STREAM_GOALS } from '../goals.ts';
import { STREAMED } from '../streamed-settings.ts';
import { peerMarks, type Marked } from './peer-marks.ts';
import { digits, four, ratio, reaches, seconds, whole } from './report-table.ts';

/** Streams, ratings, growth and exact lists: those that were measured. */
export function extraTables(report: ModelReport): readonly ReportTable[] {
  const { rows, streams = [], ratings = [], growth = [], topK = [] } = report;
  return [
    streamTable(streams),
    streamedTable(rows),
    ...ratingTables(ratings, peerMarks(report).marked),
    growthTable(growth),
    topKTable(topK),
  ].filter((table) => table.rows.length > 0);
}

function streamTable(rows: NonNullable<ModelReport['streams']>): ReportTable {
  return {
    title: 'Streams: test-then-train, NDCG@10 of the last 80 %',
    head: ['model', 'stream', 'NDCG', 'floor', 'reached', 'recall', 'events', 'CPU ms/event', 'goal', 'reached'],
    rows: rows.map(({ model, stream, ndcg, recall, events, cpuMsPerEvent }) => {
      const floor = STREAM_GOALS[`${stream} ${model}`];
      const most = STREAM_COST_GOALS[`${stream} ${model}`];
      return [
        model,
        stream,
        four(ndcg),
        floor === undefined ? '' : digits(floor),
        floor === undefined ? '' : reaches(ndcg, floor) ? 'ok' : 'below',
        four(recall),
        events.toLocaleString('en-US'),
        cpuMsPerEvent.toFixed(3),
        most === undefined ? '' : `≤ ${most}`,
        most === undefined ? '' : cpuMsPerEvent <= most ? 'ok' : 'above',
      ];
    }),
    remarks: [
      'Ratings of four stars and more in the order of time, in batches of 64 that are ranked before they are learned, two replays an event. An event costs its rank among the whole catalogue and its learning.',
    ],
  };
}

function streamedTable(rows: ModelReport['rows']): ReportTable {
  return {
    title: 'One streaming pass beside training at rest: the same test part',
    head: ['model', 'split', 'streamed NDCG', 'at rest', 'streamed/at rest', 'recall', 'at rest', 'CPU s', 'at rest'],
    rows: rows.flatMap((row) => {
      if (!row.model.endsWith(STREAMED)) return [];
      const model = row.model.slice(0, -STREAMED.length);
      const rest = rows.find((other) => other.split === row.split && other.model === model);
      return [
        [
          ...[model, row.split],
          ...[four(row.ndcg), four(rest?.ndcg), ratio(row.ndcg, rest?.ndcg)],
          ...[four(row.recall), four(rest?.recall)],
          ...[seconds(row.cpuSeconds), seconds(rest?.cpuSeconds)],
        ],
      ];
    }),
    remarks: [
      'The training part played once through the loop of a stream, in the order of time: batches that are learned as they come, each event again some times later on; nothing is fitted. Then the test part is ranked as in the tables above.',
    ],
  };
}

function ratingTables(rows: NonNullable<ModelReport['ratings']>, marked: Marked): readonly ReportTable[] {
  const title = 'Ratings of four stars and more told from others: MovieLens 100K, the rows of S2';
  const ours = rows.map((row) => {
    const simpler = row.model === 'deepfm' ? rows.filter((other) => other !== row) : [];
    const others = [...row.peers, ...simpler].map(({ auc }) => Number(auc.toFixed(4)));
    const floor = others.length === 0 ? undefined : Math.max(...others);
    return [
      row.model,
      four(row.auc),
      floor === undefined ? '' : digits(floor),
      floor === undefined ? '' : reaches(row.auc, floor) ? 'ok' : 'below',
      four(row.logLoss),
      four(row.validAuc),
      String(row.epoch),
      seconds(row.cpuSecondsPerEpoch),
    ];
  });
  const theirs = rows.flatMap((row) =>
    row.peers.map((peer) => [
      row.model,
      marked(row, peer),
      four(peer.auc),
      four(peer.logLoss),
      seconds(peer.cpuSecondsPerEpoch),
      ratio(row.cpuSecondsPerEpoch, peer.cpuSecondsPerEpoch),
    ]),
  );
  return [
    {
      title,
      head: ['model', 'AUC', 'floor', 'reached', 'log-loss', 'AUC on validation', 'passes', 'CPU s/pass'],
      rows: ours,
      remarks: ['The floor is the best of the peers; for `deepfm` of the simpler models too.'],
    },
    {
      title: 'Peers on the ratings',
      head: ['beside', 'peer', 'AUC', 'log-loss', 'CPU s/pass', 'ours/peer'],
      rows: theirs,
    },
  ];
}

function growthTable(points: NonNullable<ModelReport['growth']>): ReportTable {
  const sizes = [...new Set(points.map(({ events }) => events))].toSorted((a, b) => a - b);
  const at = (model: string, events: number): (typeof points)[number] | undefined =>
    points.find((point) => point.model === model && point.events === events);
  const models = [...new Set(points.map(({ model }) => model))];
  const cell = (model: string, events: number): string => {
    const point = at(model, events);
    if (point === undefined) return '';
    return point.refused === undefined ? point.cpuSeconds.toFixed(2) : 'refused';
  };
  return {
    title: 'Growth: CPU seconds of one pass over synthetic interactions, d = 64',
    head: ['model', ...sizes.map((size) => size.toLocaleString('en-US')), 'peak RSS MB'],
    rows: models.map((model) => [
      model,
      ...sizes.map((size) => cell(model, size)),
      whole(Math.max(...points.filter((point) => point.model === model).map(({ rssMb }) => rssMb))),
    ]),
    remarks: points.flatMap(({ model, events, refused }) =>
      refused === undefined ? [] : [`${model}, ${events.toLocaleString('en-US')} interactions: ${refused}`],
    ),
  };
}

function topKTable(points: NonNullable<ModelReport['topK']>): ReportTable {
  return {
    title: 'Exact lists by inner products, d = 64, one thread',
    head: ['on', 'users', 'items', 'k', 'CPU s', 'beside', 'its CPU s', 'ours/its', 'goal', 'reached'],
    rows: points.map(({ name, users, items, k, cpuSeconds, beside }) => {
      const most = name === 'a million' ? 2 : 1;
      return [
        name,
        users.toLocaleString('en-US'),
        items.toLocaleString('en-US'),
        String(k),
        cpuSeconds.toFixed(3),
        beside.what,
        beside.cpuSeconds.toFixed(3),
        ratio(cpuSeconds, beside.cpuSeconds),
        `≤ ${most}`,
        cpuSeconds <= most * beside.cpuSeconds ? 'ok' : 'above',
      ];
    }),
  };
}
