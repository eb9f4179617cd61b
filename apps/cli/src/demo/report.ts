import type { Recommendations } from '@tandem-rec/serving';
import { integer, metric, percent, textTable } from '../text-table.ts';
import type { Side, SideNames } from '../compare/sides.ts';
import type { Gain, Scores } from './results.ts';

/** Everything the demonstration found, as `--json` writes it. */
export interface DemoResult {
  readonly events: number;
  readonly seconds: number;
  readonly backend: string;
  readonly names: SideNames;
  readonly baselines: Readonly<Record<string, Scores>>;
  /** The control: the same plugins, seeds, batches and replay, without the exchange. */
  readonly alone: Readonly<Record<Side, Scores>>;
  readonly together: Readonly<Record<Side, Scores>>;
  /** Together, with the texts of the items permuted: what is left when words mean nothing. */
  readonly permuted: Readonly<Record<Side, Scores>>;
  readonly gains: Readonly<Record<Side, Gain>>;
  readonly recommendations: readonly Recommendations[];
}

const TITLES: Readonly<Record<Side, string>> = { domain: 'domain', language: 'language', fused: 'fused' };

/** The demonstration's table and what it means, for people. */
export function reportText(result: DemoResult): string {
  const { baselines, alone, together, permuted, gains, names } = result;
  const row = (
    title: string,
    { 'ndcg@10': ndcg, 'recall@10': recall, 'warm-ndcg@10': warm, 'cold-ndcg@10': cold }: Scores,
    gain?: Gain,
  ): string[] => [
    title,
    metric(ndcg),
    metric(recall),
    metric(warm),
    metric(cold),
    gain ? `${percent(gain.effect)} [${percent(gain.interval[0])}, ${percent(gain.interval[1])}]` : '',
  ];
  const sides = ['domain', 'language', 'fused'] as const;
  const rows = [
    ...Object.entries(baselines).map(([name, scores]) => row(`baseline ${name}`, scores)),
    ...sides.map((side) => row(`alone ${TITLES[side]} (${names[side]})`, alone[side])),
    ...sides.map((side) => row(`together ${TITLES[side]} (${names[side]})`, together[side], gains[side])),
    ...sides.map((side) => row(`together, texts permuted, ${TITLES[side]}`, permuted[side])),
  ];
  return [
    `${integer(result.events)} events learned in ${result.seconds.toFixed(0)} s on the ${result.backend} backend. Every event was ranked against the whole`,
    'catalogue before anybody learned from it; the first fifth is left out. Cold: items met fewer than 5 times before.',
    '',
    textTable(['', 'NDCG@10', 'recall@10', 'warm items', 'cold items', 'gain over alone [95 %]'], rows),
    '',
    `NDCG@10 on cold items over alone: domain ${cold(gains.domain)}, language ${cold(gains.language)}, fused ${cold(gains.fused)}.`,
    '"Alone" is the control: the same plugins, seeds, batches and replay with no exchange between them.',
    '',
    ...result.recommendations.flatMap(recommendationLines),
  ].join('\n');
}

const cold = ({ coldDifference, coldInterval: [low, high] }: Gain): string =>
  `${signed(coldDifference)} [${signed(low)}, ${signed(high)}]`;

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${metric(Math.abs(value))}`;

/** A user's list with who wanted what. */
export function recommendationLines({ user, known, by, history, items }: Recommendations): string[] {
  const past = history.slice(0, 3).map(({ item, text }) => shortened(text || item));
  return [
    known
      ? `${user} (ranked by ${by}), after ${past.join(' | ') || 'nothing yet'}`
      : `${user} is unknown here: for somebody without history (ranked by ${by})`,
    ...items.map(({ item, text, places }, k) => {
      const wanted = Object.entries(places).map(([name, place]) => `${name} ${place}.`);
      return `  ${String(k + 1).padStart(2)}. ${shortened(text || item).padEnd(46)} ${wanted.join('  ')}`;
    }),
    '',
  ];
}

/** The title alone: the first sentence of an item's text. */
const shortened = (text: string): string => text.split('. ')[0].slice(0, 46);
