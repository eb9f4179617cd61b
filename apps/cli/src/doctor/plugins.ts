import { CONTRACT_VERSION, PLUGIN_KINDS } from '@tandem-rec/contract';
import { loadPlugins } from '../load-plugins.ts';
import type { Finding } from './finding.ts';

/** What is installed, by kind, and what cannot be used. */
export async function lookAtPlugins(): Promise<readonly Finding[]> {
  const { usable, unusable } = await loadPlugins(process.cwd());
  const byKind = PLUGIN_KINDS.map((kind): Finding => {
    const of = usable.filter(({ plugin }) => plugin.kind === kind).map(({ installed }) => installed);
    const facts = { plugins: of.map(({ id, version, summary, folder }) => ({ id, version, summary, folder })) };
    if (of.length === 0)
      return {
        area: 'plugins',
        name: kind,
        state: 'missing',
        found: 'none',
        brings: `a ${kind}; install a package that provides one`,
        facts,
      };
    return { area: 'plugins', name: kind, state: 'ok', found: of.map((one) => one.export).join(', '), facts };
  });
  const rejected = unusable.map(({ name, code, reason }): Finding => ({
    area: 'plugins',
    name,
    state: 'missing',
    found: `${code}: ${reason}`,
    brings: `its plugins; install a version for contract ${CONTRACT_VERSION}`,
    facts: { code, reason },
  }));
  return [...byKind, ...rejected];
}
