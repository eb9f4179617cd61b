import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/run-command.ts';
import { runTandem, TandemProcess } from '../../test/tandem-process.ts';

const SMALL = ['--set', 'dataset.options.users=150', '--set', 'dataset.options.events=3000'];

type Result = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

describe('the demonstration', () => {
  it('keeps a second one out of its folder, and ends by Ctrl-C without a table', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const first = new TandemProcess(folder, ['start', ...SMALL]);
    await first.until(() => first.err.includes('Making a world'));
    const second = await runTandem(folder, ['start', ...SMALL]);
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toMatch(/^TANDEM_RUN_LOCKED: A demonstration is running here already/);
    // While the control is opened beside it.
    await first.until(() => existsSync(join(folder, '.tandem', 'demo', 'together', 'run.lock')));
    first.kill('SIGINT');
    const { code, out, err } = await first.ended;
    expect({ code, out }).toEqual({ code: 130, out: '' });
    expect(err).toMatch(/Ended after [\d,]+ events[^]*Interrupted\.\n$/);
  });

  it(
    'shows gains that follow from the numbers beside them, then ends with what ends its run',
    { timeout: 240_000 },
    async () => {
      const folder = temporaryFolder();
      const demo = new TandemProcess(folder, ['start', '--json', 'out.json', ...SMALL]);
      await demo.until(() => demo.err.includes('The run goes on'));
      // The log it follows breaks.
      const log = new DatabaseSync(join(folder, '.tandem', 'demo', 'events.sqlite'));
      log.exec('pragma busy_timeout = 5000; drop table records');
      log.close();
      const { code, err } = await demo.ended;
      expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^TANDEM_SOURCE_\w+: /m) });

      const { alone, together, gains } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as Result;
      for (const side of ['domain', 'language', 'fused']) {
        expect(gains[side]['effect']).toBeCloseTo(together[side]['ndcg@10'] / alone[side]['ndcg@10'] - 1, 9);
        const cold = together[side]['cold-ndcg@10'] - alone[side]['cold-ndcg@10'];
        expect(gains[side]['coldDifference']).toBeCloseTo(cold, 9);
      }
    },
  );
});

it('refuses a configuration that says neither where interactions come from nor where checkpoints go', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tandem.config.yaml'), 'name: bare\ndomain: popularity\n');
  const { code, err } = await runTandem(folder, ['start', '.']);
  expect({ code, err }).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^TANDEM_CONFIG_INVALID: .*`source` and no `store`/),
  });
});
