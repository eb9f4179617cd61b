import type { z } from '@tandem-rec/contract';
import { nearest } from '../nearest.ts';
import type { OptionSchema } from '../option-schema.ts';
import { valueAt, type Path } from '../path.ts';
import type { Problems } from '../problem.ts';
import { summarise } from './summarise.ts';
import { withoutSecrets } from './without-secrets.ts';

/** What is being validated, for messages. */
export interface Checked {
  /** For example `@tandem-rec/model-history#fism`, or `the configuration`. */
  readonly of: string;
  readonly plugin?: string;
  /** Where the options stand in the configuration. */
  readonly path: Path;
}

/** Validates options; what is wrong becomes problems, and the answer is then undefined. */
export async function checkOptions(
  schema: z.ZodType,
  words: OptionSchema,
  options: unknown,
  checked: Checked,
  problems: Problems,
): Promise<unknown> {
  const parsed = await schema.safeParseAsync(options);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    if (!isOfNested(issue, words, options)) report(issue, words, options, checked, problems);
  return undefined;
}

/** What is wrong with a plugin among the options was said where it was resolved. */
const isOfNested = ({ path }: z.core.$ZodIssue, words: OptionSchema, options: unknown): boolean =>
  path.some((_, at) => {
    const outer = path.slice(0, at + 1) as Path;
    return words.pluginKind(outer) !== undefined && valueAt(options, outer) !== undefined;
  });

function report(
  issue: z.core.$ZodIssue,
  words: OptionSchema,
  options: unknown,
  checked: Checked,
  problems: Problems,
): void {
  const inside = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const plugin = checked.plugin === undefined ? {} : { plugin: checked.plugin };
  if (issue.code === 'unrecognized_keys') {
    const names = words.names(inside);
    for (const key of issue.keys) {
      const near = nearest(key, names);
      problems.add(
        [...checked.path, ...inside, key],
        {
          code: 'TANDEM_CONFIG_UNKNOWN_OPTION',
          message: `Unknown option "${key}" of ${checked.of}.`,
          received: key,
          ...(names.length > 0 ? { allowed: names.join(', ') } : {}),
          ...(near === undefined ? {} : { nearest: near }),
          ...plugin,
        },
        'key',
      );
    }
    return;
  }
  const value = withoutSecrets(valueAt(options, inside), words, inside);
  const allowed = words.allowed(inside);
  const near = typeof value === 'string' ? nearest(value, words.choices(inside)) : undefined;
  // The schema's own words where they say more than "of another kind": refinements, formats, lengths.
  const own =
    issue.code === 'invalid_type' || issue.code === 'invalid_union' || issue.code === 'invalid_value'
      ? ''
      : ` ${issue.message.replace(/\.?$/, '.')}`;
  problems.add([...checked.path, ...inside], {
    code: 'TANDEM_CONFIG_WRONG_VALUE',
    message: `${value === undefined ? 'A value is missing' : `${show(value)} is not allowed`} here (${checked.of}).${own}`,
    ...(value === undefined ? {} : { received: summarise(value) }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(near === undefined ? {} : { nearest: near }),
    ...plugin,
  });
}

function show(value: unknown): string {
  const text = JSON.stringify(summarise(value)) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
