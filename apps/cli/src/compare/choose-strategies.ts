import { TandemError, type Composition } from '@tandem-rec/contract';
import type { StrategyChoice } from './compared-run.ts';

/**
 * The exchanges to compare: those named, else `comparison.strategies`, else `sharing`. A name is looked for among the
 * configured ones first, since they have options; any other is a plugin with its defaults.
 */
export function chooseStrategies(
  composition: Composition,
  names: readonly string[] | undefined,
): readonly StrategyChoice[] {
  const listed = composition.comparison.strategies.map((use, at) => ({ name: use.as ?? afterHash(use.id), use: at }));
  const { sharing } = composition;
  const configured: readonly StrategyChoice[] = [
    ...listed,
    ...(sharing
      ? [
          { name: sharing.name, use: undefined },
          { name: afterHash(sharing.id), use: undefined },
        ]
      : []),
  ];
  const chosen =
    names === undefined
      ? listed.length > 0
        ? listed
        : sharing
          ? [{ name: sharing.name, use: undefined }]
          : []
      : names.map((name) => configured.find((one) => one.name === name) ?? { name: afterHash(name), use: name });
  if (chosen.length === 0)
    throw new TandemError('TANDEM_CONFIG_INVALID', 'There is no exchange to compare with the controls.', {
      remedy:
        'Add `sharing`, for example bridge(), or `comparison: { strategies: [...] }`, or name some with --strategies.',
    });
  const twice = chosen.find(({ name }, at) => chosen.findIndex((other) => other.name === name) < at);
  if (twice)
    throw new TandemError('TANDEM_COMPOSE_DUPLICATE_NAME', `Two exchanges to compare are called "${twice.name}".`, {
      remedy: 'Name one of them otherwise: bridge({ … }, { as: "other" }).',
    });
  return chosen;
}

const afterHash = (id: string): string => id.slice(id.lastIndexOf('#') + 1);
