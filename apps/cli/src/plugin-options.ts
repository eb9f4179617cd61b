import { TandemError, type TandemConfig } from '@tandem-rec/contract';
import { loadConfig } from '@tandem-rec/kernel';
import { Option } from 'commander';

/** A repeatable `--flag key=value` of a plugin. */
export const pluginOption = (flag: string, description: string): Option =>
  new Option(`${flag} <key=value>`, `${description}; values are YAML; may be repeated`)
    .argParser((value: string, before: readonly string[] = []) => [...before, value])
    .default([], 'none');

/**
 * A plugin's options from `key=value` pairs: keys may be paths (`ssl.ca.file`), values are YAML, later ones win. They are
 * read as settings laid over a configuration are. Throws `TANDEM_CLI_USAGE`.
 */
export async function readPluginOptions(pairs: readonly string[], flag: string): Promise<unknown> {
  const malformed = pairs.find((pair) => !/^[^=]+=/.test(pair));
  if (malformed !== undefined) throw new TandemError('TANDEM_CLI_USAGE', `${flag} ${malformed}: write key=value.`);
  const { value } = await loadConfig({} as TandemConfig, { overrides: pairs, env: {} });
  return value;
}
