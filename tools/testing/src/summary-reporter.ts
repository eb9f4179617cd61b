import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason, Vitest } from 'vitest/node';

/**
 * Ends a run with what nobody may overlook: how many tests were skipped and why, then `N passed, N failed`. A file
 * that could not be loaded and an error outside of any test count as failures, and so does a run without a passed test.
 */
export class SummaryReporter implements Reporter {
  #watching = false;

  onInit(vitest: Vitest): void {
    this.#watching = vitest.config.watch;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], end: TestRunEndReason): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const failedTests = tests.filter((test) => test.result().state === 'failed').length;
    const brokenModules = modules.filter((module) => !module.ok() && !hasFailedTest(module)).length;
    const failures = failedTests + brokenModules + unhandled.length;
    const failed = failures === 0 && (passed === 0 || end !== 'passed') ? 1 : failures;

    const lines = [...skipLines(tests), `${passed} passed, ${failed} failed`];
    process.stdout.write(`\n${lines.join('\n')}\n`);
    if (failed > 0 && !this.#watching) process.exitCode = 1;
  }
}

function hasFailedTest(module: TestModule): boolean {
  return !module.children.allTests('failed').next().done;
}

function skipLines(tests: readonly TestCase[]): readonly string[] {
  const skipped = tests.filter((test) => test.result().state === 'skipped');
  const reasons = Map.groupBy(skipped, reasonOf);
  return [`${skipped.length} skipped`, ...[...reasons].map(([reason, because]) => `  ${because.length} × ${reason}`)];
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return result.note;
  if (test.options.mode === 'todo') return 'to do';
  const missing = new Set(test.module.meta().missing);
  return [...missing].join('; ') || `no reason given, in ${test.module.relativeModuleId}`;
}
