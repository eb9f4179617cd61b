import { TandemError, z } from '@tandem-rec/contract';

/** Option of fusions with fixed weights. */
export const weightsOption = z
  .record(z.string(), z.number().min(0))
  .optional()
  .describe(
    'Weight of each expert by its name in the composition; those not named are left out. Default: all the same, 1 together.',
  );

/**
 * The weight of every expert by name. Throws `TANDEM_CONFIG_WRONG_VALUE` if one is given for somebody who is not there.
 *
 * @param fusion its name in the composition, for messages
 */
export function expertWeights(
  weights: Readonly<Record<string, number>> | undefined,
  experts: readonly { readonly name: string }[],
  fusion: string,
): Readonly<Record<string, number>> {
  const names = experts.map(({ name }) => name);
  const strangers = Object.keys(weights ?? {}).filter((name) => !names.includes(name));
  if (strangers.length > 0)
    throw new TandemError(
      'TANDEM_CONFIG_WRONG_VALUE',
      `${fusion}: weights for ${strangers.join(', ')}; allowed are the participants ${names.join(', ')}.`,
    );
  return Object.fromEntries(names.map((name) => [name, weights ? (weights[name] ?? 0) : 1 / names.length]));
}
