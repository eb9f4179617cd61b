import { SeededRng } from '@tandem-rec/compute';
import { describe, expect, it } from 'vitest';
import { analyse, type About } from './analyse.ts';
import type { FinishedRun } from './arms.ts';
import { planOf } from './compared-run.ts';
import { reportHtml } from './report/report-html.ts';
import { reportText } from './report/report-text.ts';
import type { ExpertResult } from './run-result.ts';

const USERS = 600;
const SEEDS = [1, 2, 3];
const sides = { domain: 'd', language: 'l', fused: 'f' } as const;

const about = (strategies: readonly string[]): About => ({
  name: 'a <b> & c',
  regime: 'batch',
  data: 'made up',
  cutoff: 10,
  resamples: 400,
  seeds: SEEDS,
  sides,
  strategies,
  leaks: [],
  counts: {
    items: Float64Array.from({ length: USERS }, (_, item) => item % 30),
    users: new Float64Array(USERS).fill(7),
  },
});

/** One target a user, found in the first ten by `chance`; half of the luck is the user's own, whoever is asked. */
function expert(name: string, chance: number, seed: string): ExpertResult {
  const [own, luck] = [new SeededRng(1, name), new SeededRng(seed)];
  const ranks = Array.from({ length: USERS }, () => {
    const [fate, today] = [own.next(), luck.next()];
    return (fate + today) / 2 < chance ? 0 : 50;
  });
  return {
    name,
    ndcg: ranks.filter((rank) => rank === 0).length / USERS,
    recall: 0,
    measured: { kind: 'ranks', ranks, targets: Array.from({ length: USERS }, (_, user) => user) },
    bestEpoch: 1,
    cpuSeconds: 1,
  };
}

/** `good` teaches the language side; `idle` teaches nobody anything. */
const runs: readonly FinishedRun[] = planOf(
  [
    { name: 'good', use: 'good' },
    { name: 'idle', use: 'idle' },
  ],
  SEEDS,
  { permuted: true },
).map((run) => {
  const luck = `${run.kind} ${run.strategy?.name} ${run.seed}`;
  const taught = run.strategy?.name === 'good' && run.kind === 'exchange';
  const experts = [
    ...(run.variant === 'language' ? [] : [expert('d', 0.4, luck)]),
    ...(run.variant === 'domain' ? [] : [expert('l', taught ? 0.45 : 0.35, luck)]),
    ...(run.variant === 'domain' || run.variant === 'language'
      ? []
      : [expert('f', 0.42, luck), expert('knn', 0.3, luck)]),
  ];
  return {
    run,
    result: {
      format: 1,
      about: { configuration: 'c', run: run.kind, seed: run.seed, regime: 'batch' },
      asked: {
        users: Array.from({ length: USERS }, (_, user) => user),
        offsets: Array.from({ length: USERS + 1 }, (_, user) => user),
      },
      experts,
      curve: {
        x: 'epoch',
        experts: {
          d: [
            [1, 0.1],
            [2, 0.2],
          ],
        },
      },
      lessons: [
        {
          lesson: 'l → d',
          buckets: ['0', '1+'],
          series: [
            { sequence: 1, weights: [0, 1] },
            { sequence: 2, weights: [1, 1] },
          ],
        },
      ],
      leaks: [],
      cost: {
        cpuSeconds: 10 * run.seed,
        seconds: 10,
        peakMb: 100 + run.seed,
        ...(taught && { tokens: 100, money: 0.5 }),
      },
    },
  };
});

describe('analyse', () => {
  const compared = analyse(runs, about(['good', 'idle']));
  const gain = (strategy: string, side: string, permuted = false) =>
    compared.gains.find(
      (one) => one.strategy === strategy && one.side === side && one.permuted === permuted && one.over === 'control',
    )!;

  it('finds the one gain that is there, and no other', () => {
    expect(gain('good', 'language').significant).toBe(true);
    expect(gain('good', 'language').effect).toBeGreaterThan(0.2);
    expect(gain('good', 'language').interval[0]).toBeGreaterThan(0.1);
    const others = compared.gains.filter((one) => one.over === 'control' && one !== gain('good', 'language'));
    expect(others).toHaveLength(11);
    expect(others.filter(({ significant }) => significant)).toEqual([]);
  });

  it('has effects of the means it shows, over all seeds', () => {
    const row = (run: string, side: string) => compared.rows.find((one) => one.run === run && one.side === side)!;
    for (const one of compared.gains.filter(({ over }) => over === 'control'))
      expect(one.effect).toBeCloseTo(
        row(one.run, one.side).ndcg / row(one.permuted ? 'control, texts permuted' : 'control', one.side).ndcg - 1,
        10,
      );
    const ensemble = compared.gains.find(
      (one) => one.strategy === 'good' && one.side === 'language' && one.over === 'ensemble',
    )!;
    expect(ensemble.effect).toBeCloseTo(row('good', 'language').ndcg / row('control', 'fused').ndcg - 1, 10);
    expect(row('control', 'domain').ndcgBySeed).toHaveLength(3);
    expect(compared.rows.filter(({ run }) => run === 'domain alone').map(({ side }) => side)).toEqual(['domain']);
  });

  it('corrects for all gains that it shows', () => {
    for (const { p, pCorrected } of compared.gains) expect(pCorrected).toBeGreaterThanOrEqual(p);
    expect(gain('good', 'language').pCorrected).toBeLessThanOrEqual(
      gain('good', 'language').p * compared.gains.length + 1e-12,
    );
  });

  it('has slices that make up the whole', () => {
    const slices = compared.slices.filter(
      ({ strategy, side, by }) => strategy === 'good' && side === 'language' && by === 'item',
    );
    expect(slices.map(({ label, count }) => [label, count])).toEqual([
      ['0', 20],
      ['1-4', 80],
      ['5-19', 300],
      ['20+', 200],
    ]);
    const whole = slices.reduce((sum, { count, exchange }) => sum + count * exchange, 0) / USERS;
    expect(whole).toBeCloseTo(compared.rows.find(({ run, side }) => run === 'good' && side === 'language')!.ndcg, 10);
  });

  it('says what each training cost: means over seeds, and the most memory', () => {
    expect(compared.costs.find(({ run }) => run === 'good')).toEqual({
      run: 'good',
      cpuSeconds: 20,
      seconds: 10,
      peakMb: 103,
      tokens: 100,
      money: 0.5,
    });
    expect(compared.costs.find(({ run }) => run === 'control')).not.toHaveProperty('tokens');
  });
});

describe('the report', () => {
  const compared = analyse(runs, about(['good', 'idle']));

  it('says in sentences who gained', () => {
    const text = reportText(compared);
    expect(text).toMatch(/good: domain \(d\) not told from its control: .*; language \(l\) gains: \+\d/);
    expect(text).toMatch(/idle: .*language \(l\) not told/);
    expect(text).toMatch(/good with permuted texts: domain/);
    expect(text).toContain('besides: knn');
    expect(text).not.toContain('NaN');
  });

  it('names leaks before anything else', () => {
    const leaks = [{ check: 'texts', state: 'leak', found: 'all', facts: {} }] as const;
    expect(reportText({ ...compared, leaks })).toContain('Not to be trusted, there are leaks: texts.');
    expect(reportHtml({ ...compared, leaks })).toMatch(/<li class="failing">Not to be trusted/);
  });

  it('warns of one seed, and not of three', () => {
    expect(reportText(compared)).not.toContain('One seed');
    const one = analyse(
      runs.filter(({ run }) => run.seed === 1),
      { ...about(['good', 'idle']), seeds: [1] },
    );
    expect(reportText(one)).toContain('One seed: intervals hold the users’ variance only.');
  });

  it('as HTML is one file that loads nothing, with every plot', () => {
    const html = reportHtml(compared);
    expect(html).not.toMatch(/<(script|link|img|iframe|object)|src=|href=|@import|url\(/);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
    expect(html).toContain('a &#60;b&#62; &#38; c');
    for (const title of [
      'Gains over the control',
      'Gains by how often',
      'Gains by how much',
      'Quality and cost',
      'How domain',
      'weight of the lesson l → d',
    ])
      expect(html).toContain(title);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });
});
