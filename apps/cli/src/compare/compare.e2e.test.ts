import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/run-command.ts';
import { runTandem, TandemProcess } from '../../test/tandem-process.ts';
import type { Compared } from './compared.ts';

const SMALL = `
seed: 3
dataset: { use: syntheticWorld, options: { users: 120, items: 100, events: 2500 } }
evaluation: { epochs: 3, resamples: 200 }
domain: [{ use: fism, options: { dim: 8 } }, popularity]
language: { use: transformer, options: { encoder: subwords, buckets: 512, dim: 8, hidden: 16, features: 8 } }
sharing: { use: bridge, options: { prior: { minItems: 20, minCount: 3 }, predictions: { to: both, afterEvents: 0 }, guard: { on: false } } }
fusion: gate
`;

/** A folder with a configuration, and how to compare in it. */
function workplace(config: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tandem.config.yaml'), config);
  const args = (more: readonly string[]): readonly string[] => [
    'compare',
    'tandem.config.yaml',
    '--json',
    'out.json',
    ...more,
  ];
  const env = { TANDEM_CACHE: join(folder, 'cache') };
  return {
    folder,
    start: (more: readonly string[] = []) => new TandemProcess(folder, args(more), env),
    run: async (more: readonly string[] = []) => {
      const { code, out, err } = await runTandem(folder, args(more), env);
      return { code, out, err, json: () => JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as Compared };
    },
    kept: () => {
      const names = readdirSync(join(folder, '.tandem', 'compare'));
      return names.filter((name) => name.endsWith('.json'));
    },
  };
}

describe('tandem compare', () => {
  it('says what each side reached alone, beside the other, and with it', async () => {
    const { folder, run } = workplace(SMALL);
    const { code, err, out, json } = await run(['--html', 'report.html', '--permuted']);
    expect(code, err).toBe(0);
    const { rows, gains, seeds, asked, slices, costs, leaks } = json();
    expect(seeds).toEqual([3]);
    expect(asked).toBeGreaterThan(50);
    const of = (side: string, run: string) =>
      rows.find((row) => row.side === side && row.run === run) ?? expect.fail(`no row ${side} ${run}`);
    for (const row of rows) expect(row.recall).toBeGreaterThanOrEqual(row.ndcg);
    // Without an exchange it makes no difference who else is at the table.
    expect(of('domain', 'domain alone').ndcg).toBe(of('domain', 'control').ndcg);
    expect(of('language', 'language alone').ndcg).toBeGreaterThan(0);
    // With one it does, and with other words again.
    expect(of('domain', 'bridge').ndcg).not.toBe(of('domain', 'control').ndcg);
    expect(of('domain', 'bridge, texts permuted').ndcg).not.toBe(of('domain', 'bridge').ndcg);
    // Who reads no texts has the same control with others.
    expect(of('domain', 'control, texts permuted').ndcg).toBe(of('domain', 'control').ndcg);
    expect(of('language', 'control, texts permuted').ndcg).not.toBe(of('language', 'control').ndcg);
    for (const { side, run, over, permuted, effect, interval } of gains) {
      const without = permuted ? 'control, texts permuted' : 'control';
      const control = of(over === 'ensemble' ? 'fused' : side, without).ndcg;
      expect(effect).toBeCloseTo(of(side, run).ndcg / control - 1, 10);
      expect(interval[0]).toBeLessThanOrEqual(effect);
      expect(interval[1]).toBeGreaterThanOrEqual(effect);
    }
    for (const by of ['item', 'user'])
      expect(
        slices.filter((one) => one.by === by && one.side === 'fused').reduce((sum, { count }) => sum + count, 0),
      ).toBe(asked);
    for (const cost of costs) expect(Math.min(cost.cpuSeconds, cost.peakMb)).toBeGreaterThan(0.1);
    expect(leaks.filter(({ state }) => state === 'leak')).toEqual([]);
    expect(leaks.map(({ check }) => check)).toContain('vectors without answers (transformer)');
    expect(out).toContain('besides: popularity');
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });

  it('goes on after a kill, trains only what is new, and everything where it shall', async () => {
    const { start, run, kept } = workplace(SMALL);
    const killed = start(['--jobs', '1']);
    await killed.until(() => killed.err.includes('(2 of 4'));
    killed.kill('SIGKILL');
    await killed.ended;
    const before = kept().length;
    expect(before).toBeGreaterThanOrEqual(2);
    expect(before).toBeLessThan(4);
    const first = await run(['--jobs', '1']);
    expect(first.code, first.err).toBe(0);
    expect(first.err).toContain(`4 trainings, ${before} of them kept`);
    const compared = first.json();
    const again = await run();
    expect(again.err).toContain('4 trainings, 4 of them kept');
    expect(again.json().gains).toEqual(compared.gains);
    // Another strategy shares the controls.
    const more = await run(['--strategies', 'bridge,mutual']);
    expect(more.err).toContain('5 trainings, 4 of them kept');
    expect(more.json().rows.filter(({ side }) => side === 'domain')).toHaveLength(4);
    const fresh = await run(['--fresh', '--jobs', '2']);
    expect(fresh.err).toContain('4 trainings, 2 at once.');
    expect(fresh.json().gains).toEqual(compared.gains);
    expect(kept()).toHaveLength(5);
  });

  it.runIf(process.platform === 'linux').each(['SIGKILL', 'SIGTERM'] as const)(
    'names the training whose process somebody, or the lack of memory, ended by %s',
    async (signal) => {
      const comparison = workplace(SMALL).start(['--jobs', '1']);
      const children = (): string =>
        readFileSync(`/proc/${comparison.pid}/task/${comparison.pid}/children`, 'utf8').trim();
      await comparison.until(() => comparison.err.includes('4 trainings') && children() !== '');
      process.kill(Number(children()), signal);
      const { code, err } = await comparison.ended;
      expect(code, err).toBe(1);
      expect(err).toMatch(/TANDEM_TRAINING_KILLED: .*, seed 3: .*\nWhere nobody did it, memory ran out/);
    },
  );

  it('refuses an exchange that does not fit before anything is trained', async () => {
    const { run, folder } = workplace(SMALL);
    const { code, err } = await run(['--strategies', 'bridge,no-such-exchange']);
    expect(code).toBe(1);
    expect(err).toContain('no-such-exchange');
    expect(readdirSync(folder)).not.toContain('.tandem');
  });

  it('refuses data that holds the answers, unless it is told to go on', async () => {
    const { folder, run } = workplace(
      SMALL.replace(
        /dataset: .*/,
        `dataset: { use: jsonl, options: { file: events.jsonl, columns: { user: u, item: i, at: t }, items: { file: items.jsonl, columns: { id: i, text: { title: title } } } } }`,
      ).replace('epochs: 3', 'epochs: 1'),
    );
    const met = (user: number, at: number): number => (user * 7 + at * (1 + (user % 5))) % 40;
    const events = Array.from({ length: 240 }, (_, k) => ({
      u: `reader${k % 40}`,
      i: `b${met(k % 40, Math.floor(k / 40))}`,
      t: 1e9 + k,
    }));
    const items = Array.from({ length: 40 }, (_, i) => {
      const readers = events.filter((event) => event.i === `b${i}`).map(({ u }) => u);
      return { i: `b${i}`, title: `A book, reviewed by ${readers.join(' and ')}` };
    });
    const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    writeFileSync(join(folder, 'events.jsonl'), lines(events));
    writeFileSync(join(folder, 'items.jsonl'), lines(items));
    const refused = await run();
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/TANDEM_DATASET_LEAK: .*texts without answers/);
    const despite = await run(['--despite-leaks']);
    expect(despite.code, despite.err).toBe(0);
    expect(despite.out).toContain('Not to be trusted, there are leaks: texts without answers.');
  });
});

describe('tandem compare --stream, where the truth is known', () => {
  const compareWorld = async (wordsTell: number): Promise<Compared> => {
    const { run } = workplace(`
seed: 42
dataset: { use: syntheticWorld, options: { users: 400, items: 300, events: 9000, wordsTell: ${wordsTell} } }
domain: { use: fism, options: { dim: 32 } }
language: { use: transformer, options: { encoder: subwords, features: 32, hidden: 32, dim: 32 } }
sharing: { use: bridge, options: { guard: { on: false } } }
fusion: gate
`);
    const { code, err, json } = await run(['--stream']);
    expect(code, err).toBe(0);
    return json();
  };
  const domainGain = ({ gains }: Compared) =>
    gains.find(({ side, over }) => side === 'domain' && over === 'control') ?? expect.fail();

  it('finds that words teach the domain side where they tell of behaviour', async () => {
    const compared = await compareWorld(0.9);
    expect(domainGain(compared).significant).toBe(true);
    expect(domainGain(compared).interval[0]).toBeGreaterThan(0.03);
    expect(compared.regime).toBe('stream');
    // The first fifth is left out, to the block; every slice of items holds something.
    expect(compared.asked).toBeGreaterThan(7000);
    expect(compared.asked).toBeLessThanOrEqual(7500);
    const items = compared.slices.filter(({ by, side }) => by === 'item' && side === 'domain');
    expect(items.map(({ label }) => label)).toEqual(['0', '1-4', '5-19', '20+']);
    expect(items.reduce((sum, { count }) => sum + count, 0)).toBe(compared.asked);
  });

  it('finds no gain of the domain side where words tell nothing, though the language side learns from behaviour', async () => {
    const compared = await compareWorld(0);
    expect(domainGain(compared).significant).toBe(false);
    expect(Math.abs(domainGain(compared).effect)).toBeLessThan(0.03);
    const language = compared.gains.find(({ side, over }) => side === 'language' && over === 'control');
    expect(language?.significant).toBe(true);
  });
});
