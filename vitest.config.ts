import { defaultServerConditions } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

import { SummaryReporter } from './tools/testing/src/summary-reporter.ts';

const conditions = ['@tandem-rec/source', ...defaultServerConditions];
const places = '{packages,apps,tools,docs}';

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', new SummaryReporter()],
    pool: 'forks',
    maxWorkers: 2,
    // Also for the worker threads and child processes that tests start: they run from source, too.
    execArgv: ['--conditions=@tandem-rec/source', '--disable-warning=ExperimentalWarning'],
    coverage: { include: ['{packages,apps}/**/src/**/*.ts'], exclude: ['**/*.test.ts'] },
    projects: [
      project('unit', {
        include: [`${places}/**/*.test.ts`],
        exclude: ['**/*.{conformance,e2e}.test.ts'],
        testTimeout: 90_000,
      }),
      project('conformance', { include: [`${places}/**/*.conformance.test.ts`], testTimeout: 180_000 }),
      // One file at a time and after all others: these start brokers and training processes and measure what they do.
      project('e2e', {
        include: [`${places}/**/*.e2e.test.ts`],
        testTimeout: 600_000,
        maxWorkers: 1,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});

function project(name: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  const exclude = ['**/node_modules/**', '**/dist/**', '**/out-tsc/**', ...(test?.exclude ?? [])];
  return { extends: true, test: { ...test, name, exclude, hookTimeout: test?.testTimeout } };
}
