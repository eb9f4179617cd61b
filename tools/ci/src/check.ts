// npm run check: every static check, each once over the whole tree; says which failed and why.
import { runCheck } from './run-check.ts';

/**
 * Lint and types run as one process each, which on a machine that has checked nothing yet takes a quarter of the time
 * that Nx needs for all projects; `npm run lint` and `npm run typecheck` are the incremental forms.
 */
const LANES = [
  [
    // First: the module boundaries are read from the project graph that Nx leaves behind.
    { name: 'references', entry: 'node_modules/nx/dist/bin/nx.js', args: ['sync:check'] },
    { name: 'lint', entry: 'node_modules/eslint/bin/eslint.js', args: ['.'] },
    { name: 'format', entry: 'node_modules/prettier/bin/prettier.cjs', args: ['--check', '--log-level=warn', '.'] },
    { name: 'unused code', entry: 'node_modules/knip/bin/knip.js', args: ['--no-config-hints'] },
  ],
  // These write the same build outputs, so one after the other.
  [
    { name: 'types', entry: 'node_modules/typescript/bin/tsc', args: ['--build'] },
    { name: 'interface reports', entry: 'tools/api/src/main.ts', args: ['--check'] },
    { name: 'packages', entry: 'tools/pack/src/main.ts', args: ['--check'] },
  ],
] as const;

const lanes = await Promise.all(
  LANES.map(async (checks) => {
    const failed: string[] = [];
    for (const check of checks) {
      const { ok, seconds, output } = await runCheck(check.entry, check.args);
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${check.name} (${seconds.toFixed(0)} s)${ok ? '' : `\n${output}`}`);
      if (!ok) failed.push(check.name);
    }
    return failed;
  }),
);

const failed = lanes.flat();
console.log(
  failed.length === 0 ? 'all static checks passed' : `${failed.length} static checks failed: ${failed.join(', ')}`,
);
process.exitCode = Math.min(failed.length, 100);
