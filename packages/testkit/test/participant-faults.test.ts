import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from './honest-model.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Which test must fail for which fault. */
const NOTICED: Readonly<Record<Exclude<Fault, 'none'>, RegExp>> = {
  nan: /before anything was learned/,
  ragged: /same scores for ragged candidates/,
  draws: /is pure/,
  'dry run learns': /with dryRun/,
  forgets: /goes on bit for bit/,
  'accepts anything': /that lacks something is refused/,
  'foreign rows': /lowers the loss/,
  deaf: /toward the target, with ragged candidates/,
  growth: /users and items that come later/,
  'own pace': /at rate 0/,
  'short texts': /of 100 kB/,
  'lone users': /whoever else is asked about/,
};

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}

/** Titles of the failing tests by fault, from a run of the suite with every fault. */
function failures(): Promise<ReadonlyMap<string, readonly string[]>> {
  const args = [
    join(repository, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=json',
    '--project=conformance',
    'packages/testkit/test/honest.conformance.test.ts',
  ];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: repository, env: { ...process.env, TANDEM_TEST_FAULTS: 'all', TANDEM_REQUIRE: '' }, maxBuffer: 1 << 26 },
      (_, stdout) => {
        try {
          const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{"'), stdout.lastIndexOf('}') + 1)) as Report;
          const failed = testResults.flatMap(({ assertionResults }) =>
            assertionResults.filter(({ status }) => status === 'failed'),
          );
          const byFault = Map.groupBy(failed, ({ ancestorTitles }) =>
            ancestorTitles.find((title) => title.startsWith('fault: '))!.slice('fault: '.length),
          );
          resolve(new Map([...byFault].map(([fault, tests]) => [fault, tests.map(({ title }) => title)])));
        } catch (error) {
          reject(new Error(`The suite did not report: ${stdout}`, { cause: error }));
        }
      },
    );
  });
}

describe('the suite of participants', () => {
  let failed: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    failed = await failures();
  }, 120_000);

  it('finds nothing in a model without faults', () => {
    expect(failed.get('none')).toBeUndefined();
  });

  it.each(Object.entries(NOTICED))('notices the fault: %s', (fault, title) => {
    expect(failed.get(fault)?.join('\n')).toMatch(title);
  });
});
